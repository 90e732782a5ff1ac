//! Calls of an account that wait for their turn, in both shapes: no other account notices, and a process that is asked to
//! end lets them have it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ostiary_testkit::{Program, Tenant, wait_until};
use ostiary_trials::agent::{Agent, Answer};
use ostiary_trials::installation::{Installation, Service, Shape, agent, pass};
use ostiary_trials::load::Course;
use ostiary_trials::upstream::Upstream;
use serde_json::json;
use tokio::process::Command;
use tokio::task::JoinHandle;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

/// Two calls of an account under way, two that wait, for longer than any of this takes.
const SETTINGS: [(&str, &str); 3] = [
    ("OSTIARY_LIMITS_CALLS_PER_ACCOUNT", "2"),
    ("OSTIARY_LIMITS_CALLS_WAITING_PER_ACCOUNT", "2"),
    ("OSTIARY_LIMITS_CALL_WAIT_MS", "30000"),
];

/// A call of `hold` is kept until it is let go.
const HOLD: Duration = Duration::from_secs(120);

/// Who is to be refused at once hears it by then, however busy the machine is.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Calls of the quiet account.
const QUIET: usize = 10;

struct Scene {
    course: Course,
    upstream: Upstream,
    quiet: Agent,
    noisy: Agent,
}

impl Scene {
    async fn set(api: &str, proxy: SocketAddr) -> Self {
        let course = Course::begin();
        let upstream = Upstream::start(course.began, &["look", "hold"], HOLD).await.unwrap();
        let mut agents = Vec::new();
        for name in ["quiet", "noisy"] {
            let tenant = Tenant::sign_up(api, name).await;
            let server = tenant.server("shop", &upstream.url()).await;
            let document = json!({"version": "1", "default": "allow"});
            let policy = tenant.policy(&server, "rules", &document).await;
            let pass = pass(&tenant, "agent", &[(&server, &policy)]).await;
            agents.push(agent(proxy, &tenant, "shop", &pass).await.unwrap());
        }
        let (noisy, quiet) = (agents.pop().unwrap(), agents.pop().unwrap());
        Self { course, upstream, quiet, noisy }
    }

    /// Fills the places and the queue of the noisy account; answers its calls, none of which has been answered. The quiet
    /// account has been, meanwhile, as if there were no other. One that waited has left, and another has its place.
    async fn play(&mut self) -> Vec<JoinHandle<Answer>> {
        let mut held = vec![self.hold(), self.hold()];
        let is_there = async || (self.upstream.most_in_flight("hold") == 2).then_some(());
        wait_until("two calls are under way", is_there).await;
        let more = [self.hold(), self.hold(), self.hold(), self.hold()];
        let refused = || more.iter().filter(|call| call.is_finished()).count();
        wait_until("all that do not fit into the queue are refused", async || (refused() == 2).then_some(())).await;
        for call in more {
            match call.is_finished() {
                true => assert_eq!(call.await.unwrap(), Answer::Status(429)),
                false => held.push(call),
            }
        }
        for _ in 0..QUIET {
            assert_eq!(self.quiet.call(u128::from(self.course.number()), "look", "{}").await, Answer::Result);
        }
        assert!(held.iter().all(|call| !call.is_finished()), "the quiet account waited for the noisy one");
        held.pop().unwrap().abort();
        held.push(wait_until("its place is free", async || self.queued().await).await);
        held
    }

    /// One more call, if it is not refused at once.
    async fn queued(&self) -> Option<JoinHandle<Answer>> {
        let mut call = self.hold();
        match tokio::time::timeout(AT_ONCE, &mut call).await {
            Ok(answered) => {
                assert_eq!(answered.unwrap(), Answer::Status(429));
                None
            }
            Err(_) => Some(call),
        }
    }

    /// A call of the noisy account, on a connection of its own.
    fn hold(&self) -> JoinHandle<Answer> {
        let (mut agent, number) = (self.noisy.at(self.noisy.address()).unwrap(), u128::from(self.course.number()));
        tokio::spawn(async move { agent.call(number, "hold", "{}").await })
    }

    /// Everybody who stayed gets their turn, never more than two at once.
    async fn ended(&self, held: Vec<JoinHandle<Answer>>) {
        assert_eq!(held.len(), 4);
        self.upstream.release();
        for call in held {
            assert_eq!(call.await.unwrap(), Answer::Result);
        }
        assert_eq!(self.upstream.most_in_flight("hold"), 2);
        assert_eq!(self.upstream.count(), 4 + QUIET, "whoever left was not called for");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_in_one_process_slow_no_other_account_and_have_their_turn_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path()).envs(SETTINGS);
    let program = Program::start(command).await;
    let address = program.base().trim_start_matches("http://").parse().unwrap();
    let mut scene = Scene::set(program.base(), address).await;
    let held = scene.play().await;
    let (ended, ()) = tokio::join!(program.terminate(), scene.ended(held));
    assert!(ended.0, "it was not cut off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_at_a_gateway_slow_no_other_account_and_have_their_turn_at_its_end() {
    let shape = Shape { apis: 1, proxies: 1 };
    let started = Installation::start_with(Path::new(PROGRAM), shape, &SETTINGS).await.unwrap();
    let Some(mut installation) = started else { return };
    let proxy = installation.proxies()[0];
    let mut scene = Scene::set(&installation.base(0), proxy).await;
    let held = scene.play().await;
    let (ended, ()) = tokio::join!(installation.restart(Service::Proxy, 0), scene.ended(held));
    assert!(ended.is_some_and(|(ended_well, _)| ended_well), "it was not cut off");
}
