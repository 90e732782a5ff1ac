//! Calls as they were made, and what they were answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crate::agent::Answer;
use crate::upstream::Arrival;

/// One call, as the agent that made it knows it. Times are microseconds since the trial began.
#[derive(Clone, Debug)]
pub struct Made {
    /// The call's number: unique in the trial, not zero.
    pub number: u128,
    /// Before it was sent.
    pub started_us: u64,
    /// After its answer was there.
    pub ended_us: u64,
    /// What it was answered.
    pub answer: Answer,
}

/// Numbers and times of one trial.
#[derive(Clone, Debug)]
pub struct Course {
    /// When it began.
    pub began: Instant,
    next: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Course {
    /// A trial that begins now.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: Instant::now(), next: Arc::default(), over: Arc::default() }
    }

    /// Other numbers and another end, by the same clock.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { began: self.began, ..Self::begin() }
    }

    /// Microseconds since the trial began.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The next call's number, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many calls have been numbered.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Says that agents should stop.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether agents should stop.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// How many calls there were of each kind of answer.
#[must_use]
pub fn by_answer<'a>(made: impl IntoIterator<Item = &'a Made>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in made {
        *counts.entry(label(&call.answer)).or_default() += 1;
    }
    counts
}

/// The kind of an answer, for reading.
#[must_use]
pub fn label(answer: &Answer) -> String {
    match answer {
        Answer::Result => String::from("forwarded"),
        Answer::Denied(code, _) => format!("denied: {code}"),
        Answer::Error(code) => format!("error {code}"),
        Answer::Status(status) => format!("HTTP {status}"),
        Answer::Refused => String::from("connection refused"),
        Answer::Broken => String::from("connection broken"),
        Answer::Silence => String::from("no answer"),
    }
}

/// Arrivals by the number of their call. A call that arrived twice is there twice.
#[must_use]
pub fn by_number(arrivals: &[Arrival]) -> BTreeMap<u128, Vec<u64>> {
    let mut found: BTreeMap<u128, Vec<u64>> = BTreeMap::new();
    for arrival in arrivals {
        found.entry(arrival.number).or_default().push(arrival.at_us);
    }
    found
}

/// The value at a share of the sorted values: 0.5 is the median.
#[must_use]
pub fn quantile(sorted: &[u64], at: f64) -> u64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * at).round() as usize).copied().unwrap_or_default()
}
