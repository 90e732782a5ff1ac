//! No leak: after a mixed load of calls that are cancelled, readers that are slow and upstreams that die, from clients of
//! both eras at servers' endpoints and the account's, the process has the memory, tasks and connections that it had before,
//! and no session at an upstream is left that nobody ended.

mod agent;
mod process;
mod upstream;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::{Program, Tenant};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Figures;
use crate::installation::pass;
use crate::load::Course;
use agent::{Deed, Deeds, Endpoint, Manner};
use process::Held;
use upstream::MixedUpstream;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Agents that are at it at once.
    pub agents: usize,
    /// How long.
    pub takes: Duration,
    /// After how long the process is taken to be warm: from then on it must not grow.
    pub warm_up: Duration,
    /// What the dice begin with.
    pub seed: u64,
}

impl Size {
    /// The figures of the promise: ten minutes.
    #[must_use]
    pub const fn long() -> Self {
        Self { agents: 24, takes: Duration::from_secs(600), warm_up: Duration::from_secs(120), seed: 1 }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { agents: 8, takes: Duration::from_secs(8), warm_up: Duration::from_secs(3), seed: 1 }
    }
}

/// How long everything may take to come to rest after the load.
const REST: Duration = Duration::from_secs(30);
/// What memory may grow by after the warm-up, at rest: a share of what it was, and what an allocator may keep.
const GROWTH: (f64, u64) = (0.25, 32 * 1024 * 1024);

/// Runs the trial with everything in one process.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Figures> {
    let dir = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path());
    command.env("OSTIARY_LOG", std::env::var("TRIAL_LOG").unwrap_or_else(|_| "off".to_owned()));
    // Sessions are opened all the time here, which is not what is looked at.
    command.env("OSTIARY_LIMITS_SESSIONS_PER_MINUTE", "1000000");
    let serving = Program::start(command).await;
    let upstream = MixedUpstream::start().await?;
    let tenant = Tenant::sign_up(serving.base(), "acme").await;
    let dying = MixedUpstream::start().await?;
    let mut bindings = Vec::new();
    for (slug, url) in [("mixed", upstream.url()), ("dying", dying.url())] {
        let server = tenant.server(slug, &url).await;
        let policy = tenant.policy(&server, slug, &json!({"version": "1", "default": "allow"})).await;
        bindings.push((server, policy));
    }
    let bound: Vec<_> = bindings.iter().map(|(server, policy)| (server.as_str(), policy.as_str())).collect();
    let pass = pass(&tenant, "agent", &bound).await;
    let account = format!("{}/mcp/{}", serving.base(), tenant.slug);
    settled(&upstream).await;
    let before = Held::by(&serving).await.context("the process cannot be looked at")?;

    let course = Course::begin();
    let mut agents = JoinSet::new();
    for number in 0..size.agents {
        let dice = StdRng::seed_from_u64(size.seed + number as u64);
        let manner = Manner::ALL[number % Manner::ALL.len()];
        // One in four of each kind has to do with a server that dies.
        let is_dying = number / Manner::ALL.len() % 4 == 1;
        let server = if is_dying { "dying" } else { "mixed" };
        let url = if manner.is_of_account() { account.clone() } else { format!("{account}/{server}") };
        let endpoint = Endpoint { url, token: pass.token.clone(), manner, server };
        agents.spawn(deeds(endpoint, is_dying, dice, course.clone()));
    }
    let deaths = tokio::spawn(die_and_come_back(dying, course.clone()));
    sleep(size.warm_up).await;
    let warm = Held::by(&serving).await.context("the process cannot be looked at")?;
    sleep(size.takes.saturating_sub(size.warm_up)).await;
    let busy = Held::by(&serving).await.context("the process cannot be looked at")?;
    course.end();
    let mut done = Deeds::default();
    while let Some(agent) = agents.join_next().await {
        done.add(&agent?);
    }
    let took = course.began.elapsed();
    let (dying, deaths) = deaths.await??;
    let is_settled = settled(&upstream).await && settled(&dying).await;
    let after = at_rest(&serving, &before).await?;

    let mut figures = Figures::of("leaks");
    figures.add("seconds under load", format!("{:.1}", took.as_secs_f64()));
    for (deed, count) in done.counts() {
        figures.add(deed, count);
    }
    figures.add("deeds at a server that died", done.at_the_dying());
    figures.add("how often it died", deaths);
    for (when, held) in [("before", &before), ("warm", &warm), ("busy", &busy), ("after", &after)] {
        figures.add(
            format!("{when}: memory, tasks, open files"),
            format!("{:.1} MiB, {}, {}", held.memory as f64 / (1024.0 * 1024.0), held.tasks, held.files),
        );
    }
    figures.add("sessions opened at the upstream", upstream.opened());
    let left = upstream.left();
    figures.add("left there: sessions, requests, connections", format!("{}, {}, {}", left.0, left.1, left.2));
    figures.check(is_settled, || format!("the upstream is still asked after the load: {left:?}"));
    // Clients without sessions share one, which stays for those who come.
    figures.check(left.0 <= 1, || format!("{} sessions at the upstream were not ended", left.0));
    figures.check(done.unexpected().is_empty(), || format!("unexpected answers: {:?}", done.unexpected()));
    let most = warm.memory + GROWTH.1 + (warm.memory as f64 * GROWTH.0) as u64;
    figures.check(after.memory <= most, || format!("memory grew from {} to {} bytes", warm.memory, after.memory));
    figures.check(after.tasks <= before.tasks, || format!("{} tasks became {}", before.tasks, after.tasks));
    figures.check(after.files <= before.files, || format!("{} open files became {}", before.files, after.files));
    serving.terminate().await;
    let left = upstream.left().0;
    figures.add("sessions left when the process has ended", left);
    figures.check(left == 0, || format!("{left} sessions outlive the process"));
    Ok(figures)
}

/// A server that dies every few seconds, with everything that is open there, and comes back without its memory.
async fn die_and_come_back(mut server: MixedUpstream, course: Course) -> anyhow::Result<(MixedUpstream, u64)> {
    let mut deaths = 0;
    while !course.is_over() {
        sleep(Duration::from_secs(3)).await;
        let address = server.address();
        drop(server);
        sleep(Duration::from_millis(300)).await;
        server = back(address).await?;
        deaths += 1;
    }
    Ok((server, deaths))
}

/// A server at an address that was free a moment ago: a connection of somebody's may have taken the port meanwhile.
async fn back(address: SocketAddr) -> anyhow::Result<MixedUpstream> {
    let deadline = tokio::time::Instant::now() + REST;
    loop {
        match MixedUpstream::start_at(address).await {
            Err(_) if tokio::time::Instant::now() < deadline => sleep(Duration::from_millis(100)).await,
            started => return started,
        }
    }
}

/// One agent: a session, some deeds in it, and its end; again and again. Whatever it is told of a server that dies is
/// right.
async fn deeds(endpoint: Endpoint, is_dying: bool, mut dice: StdRng, course: Course) -> Deeds {
    let mut done = Deeds::default();
    while !course.is_over() {
        let Some(mut agent) = agent::Agent::open(&endpoint).await else {
            if !is_dying {
                done.broke("a session");
            }
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        for _ in 0..dice.random_range(1..6) {
            if course.is_over() {
                break;
            }
            let deed = Deed::ALL[dice.random_range(0..Deed::ALL.len())];
            let patience = Duration::from_millis(dice.random_range(1..400));
            match agent.does(deed, patience).await {
                _ if is_dying => done.tried_at_the_dying(),
                Ok(()) => done.did(deed),
                Err(what) => done.broke(what),
            }
        }
        if !agent.ends().await && !is_dying {
            done.broke("the end of a session");
        }
    }
    done
}

/// Waits until nothing is asked of the upstream, and no connection to it is open.
async fn settled(upstream: &MixedUpstream) -> bool {
    let deadline = tokio::time::Instant::now() + REST;
    while tokio::time::Instant::now() < deadline {
        let (_, requests, connections) = upstream.left();
        if requests == 0 && connections == 0 {
            return true;
        }
        sleep(Duration::from_millis(100)).await;
    }
    false
}

/// What the process holds once it holds no more tasks and files than before, or when it has had its time.
async fn at_rest(serving: &Program, before: &Held) -> anyhow::Result<Held> {
    let deadline = tokio::time::Instant::now() + REST;
    loop {
        let held = Held::by(serving).await.context("the process cannot be looked at")?;
        let is_at_rest = held.tasks <= before.tasks && held.files <= before.files;
        if is_at_rest || tokio::time::Instant::now() > deadline {
            return Ok(held);
        }
        sleep(Duration::from_millis(250)).await;
    }
}
