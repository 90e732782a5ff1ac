//! One bound for many keys, each counted for itself.

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

use crate::error::ApiError;

const MINUTE_MS: i64 = 60_000;

/// Keys that are remembered; beyond it those that were used least are taken for new ones.
const REMEMBERED: u64 = 100_000;

/// A minute's worth at once, then the steady rate (generic cell rate algorithm).
pub(super) struct Buckets<K> {
    name: &'static str,
    per_minute: u32,
    /// When what was taken so far would have been taken at the steady rate, in microseconds.
    due_us: Cache<K, Arc<Mutex<i64>>>,
}

/// How near to its bound a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub(super) name: &'static str,
    pub(super) per_minute: u32,
    /// Requests that would be taken right now.
    pub(super) remaining: u32,
    /// Until everything is there again.
    pub(super) reset_ms: u64,
    /// When this one was refused: after how long the next is taken.
    pub(super) refused_for_ms: Option<u64>,
}

impl Standing {
    /// Refuses what is above the bound.
    pub(super) const fn check(self) -> Result<(), ApiError> {
        match self.refused_for_ms {
            Some(retry_after_ms) => Err(ApiError::RateLimited { retry_after_ms }),
            None => Ok(()),
        }
    }
}

impl<K> fmt::Debug for Buckets<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buckets")
            .field("name", &self.name)
            .field("per_minute", &self.per_minute)
            .finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Send + Sync + Clone + 'static> Buckets<K> {
    pub(super) fn new(name: &'static str, per_minute: u32) -> Self {
        Self { name, per_minute: per_minute.max(1), due_us: Cache::new(REMEMBERED) }
    }

    /// Takes one for `key`, if there is one.
    pub(super) fn take(&self, key: K, now_ms: i64) -> Standing {
        let (minute, now) = (MINUTE_MS * 1_000, now_ms.saturating_mul(1_000));
        let step = (minute / i64::from(self.per_minute)).max(1);
        let due = self.due_us.get_with(key, Arc::default);
        let mut due = due.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back owes nobody more than a minute.
        let begin = (*due).clamp(now, now.saturating_add(minute));
        let next = begin.saturating_add(step);
        let over = next.saturating_sub(now).saturating_sub(minute);
        let refused_for_ms = (over > 0).then(|| to_ms(over));
        *due = if refused_for_ms.is_some() { begin } else { next };
        let owed = due.saturating_sub(now);
        let remaining = u32::try_from((minute - owed) / step).unwrap_or_default();
        Standing { name: self.name, per_minute: self.per_minute, remaining, reset_ms: to_ms(owed), refused_for_ms }
    }
}

fn to_ms(us: i64) -> u64 {
    u64::try_from(us).unwrap_or_default().div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_gives_a_minutes_worth_at_once_and_then_the_steady_rate() {
        let buckets = Buckets::new("account", 60);
        let taken: Vec<Standing> = (0..61).map(|_| buckets.take("a", 5_000)).collect();
        assert_eq!((taken[0].remaining, taken[0].reset_ms, taken[0].refused_for_ms), (59, 1_000, None));
        assert_eq!((taken[59].remaining, taken[59].refused_for_ms), (0, None));
        assert_eq!((taken[60].remaining, taken[60].refused_for_ms), (0, Some(1_000)));
        assert_eq!(buckets.take("b", 5_000).remaining, 59, "another key is not concerned");
        assert_eq!(buckets.take("a", 6_000).refused_for_ms, None);
        assert_eq!(buckets.take("a", 6_000).refused_for_ms, Some(1_000));
        assert_eq!(buckets.take("a", 200_000).remaining, 59);
    }

    #[test]
    fn bucket_after_a_clock_was_set_back_is_empty_for_a_minute_at_most() {
        let buckets = Buckets::new("account", 60);
        buckets.take("a", 9_000_000);
        assert_eq!(buckets.take("a", 5_000).refused_for_ms, Some(1_000));
        assert_eq!(buckets.take("a", 65_001).refused_for_ms, None);
    }
}
