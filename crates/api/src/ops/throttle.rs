//! Failed attempts to sign in, counted by address: a guessed password costs time.
//!
//! In the process only: with several replicas a guesser gets the bound once for each, which is
//! still far below what guessing needs.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Failures of one address within the window before further attempts are refused.
const MAX_FAILURES: u32 = 10;
/// How long failures count, in milliseconds, from the first one.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// Addresses that are remembered at a time; beyond it, those whose window is over are dropped.
const MAX_ADDRESSES: usize = 10_000;

/// Counts failures by key.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    since_ms: i64,
}

impl Throttle {
    /// After how many milliseconds the next attempt is taken; `None` when it is taken now.
    pub fn wait_ms(&self, key: &str, now_ms: i64) -> Option<u64> {
        let failures = *self.lock().get(key)?;
        let end_ms = failures.since_ms + WINDOW_MS;
        let is_over = failures.count >= MAX_FAILURES && now_ms < end_ms;
        is_over.then(|| u64::try_from(end_ms - now_ms).unwrap_or_default())
    }

    /// Counts a failure.
    pub fn note_failure(&self, key: &str, now_ms: i64) {
        let mut all = self.lock();
        if all.len() >= MAX_ADDRESSES {
            all.retain(|_, failures| now_ms < failures.since_ms + WINDOW_MS);
        }
        if all.len() >= MAX_ADDRESSES {
            return;
        }
        let failures = all.entry(key.to_owned()).or_insert(Failures { count: 0, since_ms: now_ms });
        if now_ms >= failures.since_ms + WINDOW_MS {
            *failures = Failures { count: 0, since_ms: now_ms };
        }
        failures.count += 1;
    }

    /// Forgets the failures of a key, whose owner has proven who they are.
    pub fn forget(&self, key: &str) {
        self.lock().remove(key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttle_after_too_many_failures_waits_for_the_end_of_the_window() {
        let throttle = Throttle::default();
        for _ in 0..MAX_FAILURES {
            assert_eq!(throttle.wait_ms("a", 1_000), None);
            throttle.note_failure("a", 1_000);
        }
        assert_eq!(throttle.wait_ms("a", 2_000), Some(899_000));
        assert_eq!(throttle.wait_ms("b", 2_000), None);
        assert_eq!(throttle.wait_ms("a", 1_000 + WINDOW_MS), None);
    }

    #[test]
    fn throttle_after_success_begins_anew() {
        let throttle = Throttle::default();
        for _ in 0..MAX_FAILURES {
            throttle.note_failure("a", 0);
        }
        throttle.forget("a");
        assert_eq!(throttle.wait_ms("a", 1), None);
    }
}
