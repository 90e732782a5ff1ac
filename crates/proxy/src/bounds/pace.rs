//! A steady rate, by the generic cell rate algorithm: all that is kept is the moment at which the next start would be due.

use std::time::Duration;

use tokio::time::Instant;

/// How far starts may be ahead of the steady rate.
const BURST: Duration = Duration::from_millis(100);

/// So many starts in a second, a tenth of them at once. What weighs more counts as several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    step: Duration,
}

impl Pace {
    pub(super) fn new(per_second: u32) -> Self {
        Self { step: Duration::from_secs(1) / per_second.max(1) }
    }

    /// When the next may start: now, or at a moment to come.
    pub(super) fn opens(self, due: Instant, now: Instant) -> Instant {
        now + due.saturating_duration_since(now + BURST)
    }

    /// When the one after a start now is due.
    pub(super) fn after(self, due: Instant, now: Instant, weight: u32) -> Instant {
        due.max(now) + self.step.saturating_mul(weight)
    }

    /// As [`Self::after`], of somebody whom nobody holds up: what was used beyond the pace is not made up for later.
    pub(super) fn after_unheld(self, due: Instant, now: Instant, weight: u32) -> Instant {
        self.after(due, now, weight).min(now + BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_lets_a_tenth_start_at_once_and_then_one_a_step() {
        let (pace, began) = (Pace::new(1_000), Instant::now());
        let (mut due, mut started) = (began, 0);
        while pace.opens(due, began) == began {
            due = pace.after(due, began, 1);
            started += 1;
        }
        assert_eq!(started, 101);
        assert_eq!(pace.opens(due, began), began + Duration::from_millis(1));
    }

    #[test]
    fn pace_of_heavy_starts_is_as_much_slower() {
        let (pace, began) = (Pace::new(1_000), Instant::now());
        let (mut due, mut started) = (began, 0);
        while pace.opens(due, began) == began {
            due = pace.after(due, began, 65);
            started += 1;
        }
        assert_eq!(started, 2);
        assert_eq!(pace.opens(due, began), began + Duration::from_millis(30));
    }

    #[test]
    fn pace_slower_than_its_burst_lets_one_start_at_once() {
        let (pace, now) = (Pace::new(1), Instant::now());
        let due = pace.after(now, now, 1);
        assert_eq!(pace.opens(due, now), now + Duration::from_millis(900));
    }

    #[test]
    fn pace_of_somebody_who_was_not_held_up_leaves_no_debt() {
        let (pace, now) = (Pace::new(10), Instant::now());
        let due = (0..1_000).fold(now, |due, _| pace.after_unheld(due, now, 7));
        assert_eq!(pace.opens(due, now), now);
    }
}
