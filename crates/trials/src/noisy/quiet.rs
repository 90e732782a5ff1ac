//! The quiet account: one call after another.

use std::time::Instant;

use crate::agent::{Agent, Answer};
use crate::load::{Course, quantile};
use crate::noisy::Size;

/// Times of calls in microseconds, sorted, and what was answered but a result.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) times: Vec<u64>,
    pub(super) failures: Vec<Answer>,
}

/// Calls through each gateway in turn, until there are enough or the time is over.
pub(super) async fn measured(agents: &mut [Agent], course: &Course, size: Size) -> Measured {
    let mut measured = Measured::default();
    let (count, began) = (agents.len().max(1), Instant::now());
    for call in 0..size.calls {
        let Some(agent) = agents.get_mut(call % count).filter(|_| began.elapsed() < size.most) else { break };
        let called = Instant::now();
        let answer = agent.call(u128::from(course.number()), "look", "{}").await;
        measured.times.push(u64::try_from(called.elapsed().as_micros()).unwrap_or(u64::MAX));
        if answer != Answer::Result {
            measured.failures.push(answer);
        }
    }
    measured.times.sort_unstable();
    measured
}

impl Measured {
    /// The time of a share of the calls, in microseconds: 0.5 is the call in the middle.
    pub(super) fn at(&self, share: f64) -> u64 {
        quantile(&self.times, share)
    }

    /// The time of a call on average, in microseconds.
    pub(super) fn average(&self) -> u64 {
        self.times.iter().sum::<u64>() / (self.times.len() as u64).max(1)
    }
}
