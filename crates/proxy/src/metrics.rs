//! What the data plane counts. Labels come from closed sets: never ids, never tool names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;
use ostiary_model::AccountId;
use ostiary_model::decision::{EndingResult, Outcome};

use crate::refusal::Reason;

/// How many accounts have their refusals counted apart; beyond it the ones that were quiet longest are forgotten.
const ACCOUNTS: u64 = 10_000;

/// Counts since the start of the process.
#[derive(Debug)]
pub struct Metrics {
    requests: AtomicU64,
    outcomes: Box<[AtomicU64]>,
    endings: Box<[AtomicU64]>,
    refusals: Box<[AtomicU64]>,
    by_account: Cache<AccountId, Arc<[AtomicU64]>>,
}

/// One count: what is counted, which of its kinds, how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// `requests`, `decisions`, `endings` or `refusals`.
    pub name: &'static str,
    /// The outcome, the ending or the reason; empty for `requests`.
    pub kind: &'static str,
    /// How many since the start of the process.
    pub value: u64,
}

fn zeros(count: usize) -> Box<[AtomicU64]> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn add_one(counts: &[AtomicU64], index: usize) {
    if let Some(count) = counts.get(index) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: AtomicU64::new(0),
            outcomes: zeros(Outcome::ALL.len()),
            endings: zeros(EndingResult::ALL.len()),
            refusals: zeros(Reason::ALL.len()),
            by_account: Cache::new(ACCOUNTS),
        }
    }

    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn decision(&self, outcome: Outcome) {
        add_one(&self.outcomes, outcome as usize);
    }

    pub(crate) fn ending(&self, result: EndingResult) {
        add_one(&self.endings, result as usize);
    }

    /// Counts a refused request, and again for its account when it is known.
    pub(crate) fn refusal(&self, reason: Reason, account_id: Option<AccountId>) {
        add_one(&self.refusals, reason as usize);
        if let Some(account_id) = account_id {
            let counts = self.by_account.get_with(account_id, || Arc::from(zeros(Reason::ALL.len())));
            add_one(&counts, reason as usize);
        }
    }

    /// All counts of the process.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut counts = vec![Count { name: "requests", kind: "", value: read(&self.requests) }];
        let outcomes = Outcome::ALL.iter().map(|outcome| outcome.as_str()).zip(&self.outcomes);
        counts.extend(outcomes.map(|(kind, count)| Count { name: "decisions", kind, value: read(count) }));
        let endings = EndingResult::ALL.iter().map(|result| result.as_str()).zip(&self.endings);
        counts.extend(endings.map(|(kind, count)| Count { name: "endings", kind, value: read(count) }));
        let refusals = Reason::ALL.iter().map(|reason| reason.as_str()).zip(&self.refusals);
        counts.extend(refusals.map(|(kind, count)| Count { name: "refusals", kind, value: read(count) }));
        counts
    }

    /// Requests of one account that were refused before they became calls, by reason; only reasons that occurred.
    #[must_use]
    pub fn refusals_of(&self, account_id: AccountId) -> Vec<(&'static str, u64)> {
        let Some(counts) = self.by_account.get(&account_id) else { return Vec::new() };
        let named = Reason::ALL.iter().zip(counts.iter());
        named.map(|(reason, count)| (reason.as_str(), count.load(Ordering::Relaxed))).filter(|&(_, n)| n > 0).collect()
    }
}
