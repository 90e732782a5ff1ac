//! What a call costs: CPU time of the process in the middle, against nginx and a bare proxy in the same run on the same
//! machine, and what is added to the time of a call on one connection.
//!
//! The process that is measured has one core for itself; everything else, this process and its upstream included, has
//! the others. Times of processes are those of the system (`/proc/PID/stat`); time on a clock says little here, because
//! whoever makes the load is slower than what is measured.

pub mod bare;
mod target;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Figures;
use crate::agent::{Agent, Answer};
use crate::cost::target::{Target, Targets};
use crate::load::{Course, quantile};
use crate::process;
use crate::upstream::Upstream;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Calls of one measurement of one process.
    pub calls: u64,
    /// Measurements of each process, one process after the other; the middle one counts.
    pub rounds: usize,
    /// Calls on one connection.
    pub alone: usize,
    /// Whether figures are held to bounds; the machine of a test may be busy.
    pub in_time: bool,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        // Fewer than may wait to be moved: everything but the measured process shares the other cores.
        Self { calls: 10_000, rounds: 7, alone: 4_000, in_time: true }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { calls: 320, rounds: 1, alone: 20, in_time: false }
    }
}

/// Side by side.
const CONNECTIONS: u64 = 64;

/// What everything on may cost, in costs of nginx; the same in one process; and what one call may take longer.
const SHARED: f64 = 2.0;
const EMBEDDED: f64 = 1.6;
const ADDED_US: u64 = 200;

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Those that are started from here on are where this process is, until they are put elsewhere.
    let is_pinned = process::leave_first_core();
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &["look"], Duration::ZERO).await?;
    let Some(targets) = Targets::start(program, &upstream).await? else { return Ok(None) };
    let mut figures = Figures::of("cost");
    figures.add("cores", cores);
    figures.add("the measured process has a core for itself", if is_pinned { "yes" } else { "no" });

    let mut costs = vec![Vec::new(); targets.all.len()];
    for round in 0..=size.rounds {
        for (target, costs) in targets.all.iter().zip(&mut costs) {
            let calls = if round == 0 { size.calls / 8 } else { size.calls };
            let cost = cost(target, &course, calls.max(CONNECTIONS)).await?;
            // One account's records wait in one place, which has a bound.
            if !target.helpers.is_empty() {
                targets.drained().await;
            }
            // The first is to warm up.
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    let direct = alone(&targets.direct, &course, size.alone).await?;
    figures.add("one connection, the upstream itself", format!("{direct} µs in the middle"));
    let unit = targets.all.iter().zip(&costs).find(|(target, _)| target.name == target::NGINX);
    let unit = unit.map(|(_, costs)| middle(costs).0);
    for (target, costs) in targets.all.iter().zip(&costs) {
        let (own, helpers) = middle(costs);
        let ratio = unit.map(|unit| own / unit);
        let shown = ratio.map(|ratio| format!(", {ratio:.2} of nginx")).unwrap_or_default();
        figures.add(format!("CPU time per call, {}", target.name), format!("{own:.1} µs{shown}"));
        if !target.helpers.is_empty() {
            figures.add(format!("  and of who moves its records, {}", target.name), format!("{helpers:.1} µs"));
        }
        let added = alone(&target.agent, &course, size.alone).await?.saturating_sub(direct);
        figures.add(format!("one connection, added by {}", target.name), format!("{added} µs in the middle"));
        if let Some((most, ratio)) = target.most.zip(ratio) {
            figures.check(!size.in_time || ratio <= most, || format!("{}: {ratio:.2} of nginx", target.name));
            figures.check(!size.in_time || added <= ADDED_US, || format!("{} adds {added} µs", target.name));
        }
    }
    Ok(Some(figures))
}

/// The middle of several measurements.
fn middle(costs: &[(f64, f64)]) -> (f64, f64) {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// CPU time for one call in microseconds: of the process, and of those that work for it.
async fn cost(target: &Target, course: &Course, calls: u64) -> anyhow::Result<(f64, f64)> {
    let used = || -> anyhow::Result<(Duration, Duration)> {
        let helpers = target.helpers.iter().map(|id| process::cpu_time(*id)).sum::<anyhow::Result<Duration>>()?;
        Ok((process::cpu_time(target.id)?, helpers))
    };
    let each = calls / CONNECTIONS;
    let began = used()?;
    let mut agents = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut agent, course) = (target.agent.at(target.address)?, course.clone());
        agents.spawn(async move {
            for _ in 0..each {
                let answer = agent.call(u128::from(course.number()), "look", "{}").await;
                anyhow::ensure!(answer == Answer::Result, "{answer:?}");
            }
            Ok(())
        });
    }
    while let Some(agent) = agents.join_next().await {
        agent??;
    }
    let ended = used()?;
    let of_one = |began: Duration, ended: Duration| ended.saturating_sub(began).as_secs_f64() * 1e6;
    let calls = (each * CONNECTIONS) as f64;
    Ok((of_one(began.0, ended.0) / calls, of_one(began.1, ended.1) / calls))
}

/// The time of a call in the middle of many, one after another, in microseconds.
async fn alone(agent: &Agent, course: &Course, calls: usize) -> anyhow::Result<u64> {
    let mut agent = agent.at(agent.address())?;
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let began = Instant::now();
        let answer = agent.call(u128::from(course.number()), "look", "{}").await;
        anyhow::ensure!(answer == Answer::Result, "{answer:?}");
        times.push(u64::try_from(began.elapsed().as_micros())?);
    }
    times.sort_unstable();
    Ok(quantile(&times, 0.5))
}

/// An agent at an address that asks nobody who it is.
fn stranger(address: SocketAddr) -> anyhow::Result<Agent> {
    Agent::new(address, "/mcp", "nobody")
}
