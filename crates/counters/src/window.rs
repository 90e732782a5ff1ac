//! Windows, and the arithmetic of their slots. The same for every store.
//!
//! A sliding window is cut into at least sixty slots. A slot keeps what was admitted in it and
//! when it was last added to, and counts until a whole window after that moment. What came
//! earlier in a slot is therefore held a little too long, less than a slot and never too short;
//! a call that is alone in its slot is held exactly.

/// Slots that a sliding window is cut into.
const SLOTS: u64 = 60;

/// Over which stretch of time a counter adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Every stretch of so many milliseconds, its start included and its end not.
    Sliding {
        /// Its length, at least 1.
        window_ms: u64,
    },
    /// The stretch of the calendar that the call is in.
    Calendar {
        /// Its first millisecond since the Unix epoch.
        start_ms: i64,
        /// The first millisecond after it.
        end_ms: i64,
    },
    /// As long as the call is in flight.
    Concurrent {
        /// How long it counts when its holder neither ends nor renews it.
        lease_ms: u64,
    },
}

/// Where an addition of a moment goes, and how long it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotPlace {
    /// The number of the slot; of a calendar window its start.
    pub slot: i64,
    /// The first millisecond at which it does not count any more.
    pub expires_ms: i64,
}

impl Window {
    /// Length of a slot of a sliding window in milliseconds: 1/60, rounded up.
    #[must_use]
    pub const fn slot_ms(window_ms: u64) -> u64 {
        let slot_ms = window_ms.div_ceil(SLOTS);
        if slot_ms == 0 { 1 } else { slot_ms }
    }

    /// The slot that something at `now_ms` is added to; none for what is only in flight.
    #[must_use]
    pub fn place(&self, now_ms: i64) -> Option<SlotPlace> {
        match *self {
            Self::Sliding { window_ms } => Some(SlotPlace {
                slot: now_ms.div_euclid(signed(Self::slot_ms(window_ms))),
                expires_ms: now_ms.saturating_add(signed(window_ms)),
            }),
            Self::Calendar { start_ms, end_ms } => Some(SlotPlace { slot: start_ms, expires_ms: end_ms }),
            Self::Concurrent { .. } => None,
        }
    }

    /// Whether `now_ms` is a moment that the window speaks of.
    #[must_use]
    pub const fn contains(&self, now_ms: i64) -> bool {
        match *self {
            Self::Calendar { start_ms, end_ms } => start_ms <= now_ms && now_ms < end_ms,
            Self::Sliding { .. } | Self::Concurrent { .. } => true,
        }
    }
}

/// A length of time as a difference of times; what does not fit is beyond any clock.
pub(crate) fn signed(length_ms: u64) -> i64 {
    i64::try_from(length_ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_length_is_a_sixtieth_rounded_up() {
        assert_eq!(Window::slot_ms(60_000), 1_000);
        assert_eq!(Window::slot_ms(1_000), 17);
        assert_eq!(Window::slot_ms(61), 2);
        assert_eq!(Window::slot_ms(1), 1);
        assert_eq!(Window::slot_ms(0), 1);
    }

    #[test]
    fn sliding_place_is_held_a_window_after_the_call() {
        let window = Window::Sliding { window_ms: 60_000 };
        let place = |now_ms| window.place(now_ms).map(|p| (p.slot, p.expires_ms));
        assert_eq!(place(1_999), Some((1, 61_999)));
        assert_eq!(place(2_000), Some((2, 62_000)));
        assert_eq!(place(-1), Some((-1, 59_999)));
    }

    #[test]
    fn place_at_the_end_of_time_saturates() {
        let window = Window::Sliding { window_ms: u64::MAX };
        assert_eq!(window.place(i64::MAX).map(|p| p.expires_ms), Some(i64::MAX));
    }

    #[test]
    fn calendar_window_contains_its_start_and_not_its_end() {
        let window = Window::Calendar { start_ms: 10, end_ms: 20 };
        assert!(!window.contains(9));
        assert!(window.contains(10));
        assert!(window.contains(19));
        assert!(!window.contains(20));
    }
}
