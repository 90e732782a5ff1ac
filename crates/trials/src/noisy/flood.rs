//! What the noisy account does, all at once, for as long as it is let.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::agent::{Agent, Answer};
use crate::load::{Course, label};
use crate::noisy::Size;
use crate::process;
use crate::upstream::Upstream;

/// The tools of its upstream.
pub(super) const TOOLS: [&str; 3] = ["look", "hold", "few"];

/// What a connection of the noisy account does.
#[derive(Clone, Copy, Debug)]
enum Noise {
    Slow,
    Large,
    AboveLimits,
    NewConnections,
}

impl Noise {
    const fn of(connection: usize) -> Self {
        match connection % 8 {
            0..=4 => Self::Slow,
            5 => Self::Large,
            6 => Self::AboveLimits,
            _ => Self::NewConnections,
        }
    }
}

/// How many calls of the noisy account there were of each kind of answer, so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(Arc<Mutex<BTreeMap<String, usize>>>);

impl Answers {
    fn count(&self, answer: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(answer).or_default() += 1;
    }

    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it was refused by its policy, and told that it has too much under way.
    pub(super) fn are_complete(&self) -> bool {
        let counts = self.counts();
        let has = |answer: &str| counts.contains_key(answer);
        has("denied: limit_exceeded") && (has("denied: plan_limit_reached") || has("HTTP 429"))
    }
}

/// Where the noise is made: threads that give way to all others, so that what the quiet account waits for is the gateway
/// and not whoever floods it.
#[derive(Debug)]
pub(super) struct Aside(Option<Runtime>);

impl Aside {
    pub(super) fn start() -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .on_thread_start(process::give_way)
            .build()
            .context("threads for the flood")?;
        Ok(Self(Some(runtime)))
    }

    /// Runs something there.
    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> anyhow::Result<T> {
        let runtime = self.0.as_ref().context("the threads have ended")?;
        runtime.spawn(work).await.context("the flood broke off")
    }

    /// An upstream of its own.
    pub(super) async fn upstream(&self, course: &Course, hold: Duration) -> anyhow::Result<Upstream> {
        let began = course.began;
        self.run(async move { Upstream::start(began, &TOOLS, hold).await }).await?
    }

    /// Floods these gateways as the agents of one grant until the course is over, and counts what is answered.
    pub(super) async fn flood(
        &self,
        proxies: Vec<SocketAddr>,
        path: String,
        token: String,
        course: Course,
        answers: Answers,
        size: Size,
    ) -> anyhow::Result<()> {
        self.run(async move {
            let mut agents = JoinSet::new();
            for connection in 0..size.connections {
                let Some(proxy) = proxies.get(connection % proxies.len()) else { continue };
                let agent = Agent::new(*proxy, &path, &token)?;
                agents.spawn(noise(
                    agent,
                    Noise::of(connection / proxies.len()),
                    course.clone(),
                    answers.clone(),
                    size,
                ));
            }
            while let Some(done) = agents.join_next().await {
                done?;
            }
            Ok(())
        })
        .await?
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Calls until the course is over.
async fn noise(mut agent: Agent, noise: Noise, course: Course, answers: Answers, size: Size) {
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(size.body));
    let mut session = open(&mut agent, &course, &answers).await;
    while session && !course.is_over() {
        let number = u128::from(course.number());
        let answer = match noise {
            Noise::Slow => agent.call(number, "hold", "{}").await,
            Noise::Large => match agent.call(number, "look", &large).await {
                // A refusal before the body was taken closes the connection, and may be lost with it.
                Answer::Broken => Answer::Status(429),
                answer => answer,
            },
            Noise::AboveLimits => agent.call(number, "few", "{}").await,
            Noise::NewConnections => match agent.at(agent.address()) {
                Ok(mut other) => other.call(number, "look", "{}").await,
                Err(_) => Answer::Broken,
            },
        };
        answers.count(label(&answer));
        session = !matches!(answer, Answer::Status(404));
        sleep(size.rest).await;
    }
}

/// Opens a session, again and again while the account has too much under way.
async fn open(agent: &mut Agent, course: &Course, answers: &Answers) -> bool {
    while !course.is_over() {
        match agent.open_session().await {
            Ok(()) => return true,
            Err(error) if error.to_string().starts_with("429") => {
                answers.count(label(&Answer::Status(429)));
            }
            Err(error) => {
                answers.count(format!("no session: {error}"));
                return false;
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
    false
}
