//! How fast sessions are opened.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ostiary_model::GrantId;

/// How fast each grant opens sessions. An unsealed session costs nothing, but each one may cost the upstream something.
#[derive(Debug)]
pub(crate) struct SessionRate {
    per_minute: u32,
    due: Mutex<Due>,
}

/// When the sessions that each grant opened so far would have been opened at the steady rate (generic cell rate
/// algorithm). A moment that has passed says as much as none, so that only grants that opened some of late take memory.
#[derive(Debug)]
struct Due {
    at_ms: HashMap<GrantId, i64>,
    /// With so many, moments that have passed are thrown out.
    tidied_at: usize,
}

const MINUTE_MS: i64 = 60_000;

/// Fewer are not worth tidying up.
const FEW: usize = 1_024;

impl SessionRate {
    pub(crate) fn new(per_minute: u32) -> Self {
        let due = Due { at_ms: HashMap::new(), tidied_at: FEW };
        Self { per_minute: per_minute.max(1), due: Mutex::new(due) }
    }

    /// Whether the grant may open one more session at `now_ms`; if so it is counted.
    pub(crate) fn take(&self, grant_id: GrantId, now_ms: i64) -> bool {
        let step_ms = MINUTE_MS / i64::from(self.per_minute);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let due_ms = due.at_ms.get(&grant_id).copied().unwrap_or(now_ms);
        let next_ms = due_ms.max(now_ms).saturating_add(step_ms);
        if next_ms.saturating_sub(now_ms) > MINUTE_MS {
            return false;
        }
        due.at_ms.insert(grant_id, next_ms);
        due.tidy(now_ms);
        true
    }
}

impl Due {
    /// Each time that there are twice as many as were left the last time, which costs each of them the same.
    fn tidy(&mut self, now_ms: i64) {
        if self.at_ms.len() < self.tidied_at {
            return;
        }
        self.at_ms.retain(|_, due_ms| *due_ms > now_ms);
        self.at_ms.shrink_to(self.at_ms.len() * 2);
        self.tidied_at = (self.at_ms.len() * 2).max(FEW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_rate_allows_a_minute_at_once_and_then_the_steady_rate() {
        let rate = SessionRate::new(60);
        let grant = GrantId::generate();
        let now = 1_000_000;
        assert_eq!((0..100).filter(|_| rate.take(grant, now)).count(), 60);
        assert!(!rate.take(grant, now + 999));
        assert!(rate.take(grant, now + 1000));
        assert!(!rate.take(grant, now + 1000));
    }

    #[test]
    fn session_rate_of_grants_that_opened_none_of_late_takes_no_memory() {
        let rate = SessionRate::new(60);
        let busy = GrantId::generate();
        let now = 1_000_000;
        while rate.take(busy, now) {}
        // A hundredth of a second apart: of these, a hundred are not over at any time.
        for number in 0..3 * FEW as i64 {
            assert!(rate.take(GrantId::generate(), now + number * 10));
        }
        assert!(rate.due.lock().expect("lock").at_ms.len() <= FEW + 100);
        assert!(!rate.take(busy, now + 999), "what is not over is kept");
    }
}
