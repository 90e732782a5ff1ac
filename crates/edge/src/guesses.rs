//! Wrong tokens, counted by where they come from and by whom they are about, so that guessing takes long.
//!
//! Only what was looked up and is wrong is counted, so a good token costs nothing here and is never held up, whatever
//! somebody else sends. Counted in the process: 256 random bits are not guessed however many processes there are; what
//! this bounds is the work, the noise, and what a leaked list of tokens can be tried for.

use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

/// Subjects that are remembered; beyond it those that were quiet longest are taken for new ones.
const REMEMBERED: u64 = 100_000;

/// How many wrong tokens are answered as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    /// So many at once.
    burst: i64,
    /// Then one every so many milliseconds.
    interval_ms: i64,
}

/// From one address: an office behind it may have many agents that were set up wrongly.
const FROM_ADDRESS: Limit = Limit { burst: 60, interval_ms: 1_000 };
/// About one account, from wherever they come.
const ABOUT_ACCOUNT: Limit = Limit { burst: 120, interval_ms: 500 };

/// Counts of wrong tokens.
pub struct Guesses {
    hasher: RandomState,
    /// By hash of the subject: when what was counted so far would have been counted at the steady rate, in
    /// milliseconds since the Unix epoch (generic cell rate algorithm).
    due_ms: Cache<u64, Arc<Mutex<i64>>>,
}

impl fmt::Debug for Guesses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guesses").finish_non_exhaustive()
    }
}

impl Default for Guesses {
    fn default() -> Self {
        Self { hasher: RandomState::new(), due_ms: Cache::new(REMEMBERED) }
    }
}

impl Guesses {
    /// Counts a wrong token from `address` about `account`, as far as they are known; an account is whatever the request
    /// calls it, whether it is there or not. Answers after how many milliseconds the next one is answered as wrong, if
    /// this one is too many.
    #[must_use]
    pub fn count(&self, address: Option<IpAddr>, account: Option<&str>, now_ms: i64) -> Option<u64> {
        let from = address.and_then(|address| self.take(("address", network(address)), FROM_ADDRESS, now_ms));
        let about = account.and_then(|account| self.take(("account", account), ABOUT_ACCOUNT, now_ms));
        from.max(about)
    }

    fn take(&self, subject: impl Hash, limit: Limit, now_ms: i64) -> Option<u64> {
        let due = self.due_ms.get_with(self.hasher.hash_one(subject), Arc::default);
        let mut due = due.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = limit.burst.saturating_mul(limit.interval_ms);
        // A clock that was set back holds nobody up for longer than all of them.
        let next = (*due).clamp(now_ms, now_ms.saturating_add(whole)).saturating_add(limit.interval_ms);
        let over = next.saturating_sub(now_ms).saturating_sub(whole);
        if over > 0 {
            return u64::try_from(over).ok();
        }
        *due = next;
        None
    }
}

/// What one customer of a network has: an IPv4 address, or the half of an IPv6 address that names their link.
pub(crate) fn network(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn guesses_above_the_bound_of_an_address_wait_and_others_do_not() {
        let guesses = Guesses::default();
        for _ in 0..60 {
            assert_eq!(guesses.count(address("192.0.2.1"), None, 5_000), None);
        }
        assert_eq!(guesses.count(address("::ffff:192.0.2.1"), None, 5_000), Some(1_000));
        assert_eq!(guesses.count(address("192.0.2.2"), None, 5_000), None);
        assert_eq!(guesses.count(address("192.0.2.1"), None, 6_000), None);
        assert_eq!(guesses.count(address("192.0.2.1"), None, 6_000), Some(1_000));
    }

    #[test]
    fn guesses_about_an_account_are_counted_together_wherever_they_come_from() {
        let guesses = Guesses::default();
        for last in 0..120 {
            assert_eq!(guesses.count(address(&format!("192.0.2.{last}")), Some("acme"), 0), None);
        }
        assert_eq!(guesses.count(address("192.0.2.200"), Some("acme"), 0), Some(500));
        assert_eq!(guesses.count(address("192.0.2.200"), Some("other"), 0), None);
    }

    #[test]
    fn guesses_after_a_clock_was_set_back_are_held_up_for_a_bounded_time() {
        let guesses = Guesses::default();
        assert_eq!(guesses.count(None, Some("acme"), 9_000_000), None);
        assert!(guesses.count(None, Some("acme"), 0).is_some_and(|wait| wait <= 60_000));
    }

    #[test]
    fn addresses_of_one_link_are_one() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }
}
