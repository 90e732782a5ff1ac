//! No unlogged call: processes are killed at random under load, and afterwards every call that the upstream counted has
//! its record in the database exactly once.

mod audit;
mod embedded;
mod replicas;

use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::Figures;
use crate::agent::{Agent, Answer};
use crate::load::{Course, Made};

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of `ostiary proxy`.
    pub proxies: usize,
    /// Agents in all.
    pub agents: usize,
    /// How often something is killed.
    pub kills: u32,
    /// Between one kill and the next, at least and at most.
    pub pause: (Duration, Duration),
    /// What the dice begin with.
    pub seed: u64,
}

impl Size {
    /// The figures of the promise: about two minutes.
    #[must_use]
    pub const fn long() -> Self {
        let pause = (Duration::from_millis(200), Duration::from_millis(2_000));
        Self { proxies: 4, agents: 32, kills: 90, pause, seed: 1 }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        let pause = (Duration::from_millis(50), Duration::from_millis(300));
        Self { proxies: 2, agents: 8, kills: 8, pause, seed: 1 }
    }
}

/// Runs the trial with the services apart; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    replicas::run(program, size).await
}

/// Runs the trial with everything in one process, on a database in its directory.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run_embedded(program: &Path, size: Size) -> anyhow::Result<Figures> {
    embedded::run(program, size).await
}

/// The tools: one is called as often as anybody likes, the other so many times a day and never more.
const TOOLS: [&str; 2] = ["free", "few"];

/// Calls of `few` in a day.
const FEW: u64 = 300;

fn document() -> Value {
    json!({
        "version": "1", "default": "deny",
        "tools": {
            "free": {"limits": [{"counter": "free", "window": "minute", "max": 4_000_000_000_u64}]},
            "few": {"limits": [{"counter": "few", "window": "day", "max": FEW}]},
        },
    })
}

/// Calls at one address after another, on to the next when one is gone, until the trial is over. A tenth of the calls
/// is of the tool with few.
async fn traffic(mut agents: Vec<Agent>, course: Course) -> Vec<Made> {
    let (mut made, mut at) = (Vec::new(), 0);
    while !course.is_over() {
        let number = course.number();
        let tool = TOOLS.get(usize::from(number.is_multiple_of(10))).copied().unwrap_or_default();
        let count = agents.len();
        let Some(agent) = agents.get_mut(at) else { break };
        let started_us = course.now_us();
        let answer = agent.call(u128::from(number), tool, "{}").await;
        if matches!(answer, Answer::Refused | Answer::Broken) {
            at = (at + 1) % count;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        made.push(Made { number: u128::from(number), started_us, ended_us: course.now_us(), answer });
    }
    made
}

/// What is done at random, the same in every run with one seed.
struct Dice(StdRng);

impl Dice {
    fn of(size: Size) -> Self {
        Self(StdRng::seed_from_u64(size.seed))
    }

    fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    fn pause(&mut self, size: Size) -> Duration {
        let (least, most) = size.pause;
        Duration::from_micros(self.0.random_range(least.as_micros() as u64..=most.as_micros() as u64))
    }
}
