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
/// Addresses that are remembered at a time; beyond it, the least suspicious are dropped.
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
    /// Counts an attempt, as a failure until [`forget`](Self::forget) says otherwise: many that are under way at once
    /// get no further than one after the other.
    ///
    /// # Errors
    ///
    /// After how many milliseconds the next attempt is taken.
    pub fn begin(&self, key: &str, now_ms: i64) -> Result<(), u64> {
        let mut all = self.lock();
        if !all.contains_key(key) && all.len() >= MAX_ADDRESSES {
            make_room(&mut all, now_ms);
        }
        let failures = all.entry(key.to_owned()).or_insert(Failures { count: 0, since_ms: now_ms });
        let end_ms = failures.since_ms + WINDOW_MS;
        if now_ms >= end_ms {
            *failures = Failures { count: 0, since_ms: now_ms };
        } else if failures.count >= MAX_FAILURES {
            return Err(u64::try_from(end_ms - now_ms).unwrap_or_default());
        }
        failures.count += 1;
        Ok(())
    }

    /// Forgets the failures of a key, whose owner has proven who they are.
    pub fn forget(&self, key: &str) {
        self.lock().remove(key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops those whose window is over, or else the one with the fewest failures, the oldest of them: a guesser who fills
/// the memory with other addresses is not forgotten for the one that matters.
fn make_room(all: &mut HashMap<String, Failures>, now_ms: i64) {
    all.retain(|_, failures| now_ms < failures.since_ms + WINDOW_MS);
    if all.len() < MAX_ADDRESSES {
        return;
    }
    let least = all.iter().min_by_key(|(_, failures)| (failures.count, failures.since_ms));
    if let Some(key) = least.map(|(key, _)| key.clone()) {
        all.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttle_after_too_many_attempts_waits_for_the_end_of_the_window() {
        let throttle = Throttle::default();
        for _ in 0..MAX_FAILURES {
            assert_eq!(throttle.begin("a", 1_000), Ok(()));
        }
        assert_eq!(throttle.begin("a", 2_000), Err(899_000));
        assert_eq!(throttle.begin("b", 2_000), Ok(()));
        assert_eq!(throttle.begin("a", 1_000 + WINDOW_MS), Ok(()));
    }

    #[test]
    fn throttle_after_success_begins_anew() {
        let throttle = Throttle::default();
        for _ in 0..MAX_FAILURES {
            assert_eq!(throttle.begin("a", 0), Ok(()));
        }
        throttle.forget("a");
        assert_eq!(throttle.begin("a", 1), Ok(()));
    }

    #[test]
    fn throttle_full_of_other_addresses_still_counts() {
        let throttle = Throttle::default();
        for index in 0..MAX_ADDRESSES {
            assert_eq!(throttle.begin(&index.to_string(), 0), Ok(()));
        }
        for _ in 0..MAX_FAILURES {
            assert_eq!(throttle.begin("a", 1), Ok(()));
        }
        assert!(throttle.begin("a", 2).is_err());
        assert_eq!(throttle.lock().len(), MAX_ADDRESSES);
    }
}
