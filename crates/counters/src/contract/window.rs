//! Windows: what counts when.

use super::{MINUTE, Outcome, Subject, amount, calls, refuse, refused_for, take};
use crate::{Charge, CounterKey, ONE, PeekOutcome, Scope, Span, Window};

/// A call counts for the milliseconds of a window, its own included.
pub fn sliding_interval_contains_its_start_and_not_its_end<S: Subject>(store: &S) {
    take(store, &[calls("a", 1)], 500);
    assert_eq!(refused_for(store, &calls("a", 1), 60_499), Some(1));
    take(store, &[calls("a", 1)], 60_500);
}

/// Calls that are alone in their slots are held to the millisecond.
pub fn sliding_calls_apart_are_held_exactly<S: Subject>(store: &S) {
    let at = [0, 1_999, 2_000, 7_777, 59_999];
    for now_ms in at {
        take(store, &[calls("a", 5)], now_ms);
    }
    for now_ms in at {
        assert_eq!(refused_for(store, &calls("a", 5), now_ms + 59_999), Some(1));
        take(store, &[calls("a", 5)], now_ms + 60_000);
    }
}

/// A call is never held more than a sixtieth of the window too long.
pub fn sliding_slot_is_held_as_long_as_its_last_call<S: Subject>(store: &S) {
    take(store, &[calls("a", 2)], 0);
    take(store, &[calls("a", 2)], 999);
    let wait_ms = refused_for(store, &calls("a", 2), 59_999);
    assert!(wait_ms.is_some_and(|wait_ms| (1..=1_000).contains(&wait_ms)));
    take(store, &[calls("a", 2)], 60_999);
    take(store, &[calls("a", 2)], 60_999);
}

/// The time to wait is when enough of what counts has gone, not when something has.
pub fn sliding_retry_waits_for_enough<S: Subject>(store: &S) {
    for (now_ms, micros) in [(0, 1), (10_000, 2), (20_000, 3), (30_000, 4)] {
        take(store, &[amount("a", 0, micros, 10)], now_ms);
    }
    for (micros, wait_ms) in [(1, 30_000), (2, 40_000), (3, 40_000), (6, 50_000), (7, 60_000)] {
        let charge = amount("a", 0, micros, 10);
        assert_eq!(refused_for(store, &charge, 30_000), Some(wait_ms));
    }
    take(store, &[amount("a", 0, 6, 10)], 80_000);
}

fn day(number: i64, max: u64) -> Charge {
    const DAY_MS: i64 = 86_400_000;
    let (unit, zone) = ("day", "UTC");
    Charge {
        key: CounterKey::new(&[9; 16], Scope::Grant(b"g"), b"s", "daily", Span::Calendar { unit, zone }),
        window: Window::Calendar { start_ms: number * DAY_MS, end_ms: (number + 1) * DAY_MS },
        count_micros: ONE,
        amount_micros: 0,
        limits: vec![max * ONE],
    }
}

/// All of a calendar window goes at its end.
pub fn calendar_resets_on_its_boundary<S: Subject>(store: &S) {
    take(store, &[day(0, 2)], 1);
    take(store, &[day(0, 2)], 86_399_000);
    assert_eq!(refused_for(store, &day(0, 2), 86_399_999), Some(1));
    take(store, &[day(1, 2)], 86_400_000);
    take(store, &[day(1, 2)], 86_400_001);
    assert_eq!(refused_for(store, &day(1, 2), 86_400_001), Some(86_399_999));
}

/// A window that is not the one of the store's time is not taken from.
pub fn calendar_of_another_time_is_refused<S: Subject>(store: &S) {
    for now_ms in [-1, 86_400_000] {
        let charges = [calls("a", 1), day(0, 2)];
        assert!(matches!(
            store.reserve(&charges, now_ms),
            Outcome::WindowPassed { now_ms: at } if at == now_ms
        ));
        assert_eq!(store.peek(&charges, now_ms), PeekOutcome::WindowPassed { now_ms });
    }
    take(store, &[calls("a", 1), day(1, 1)], 86_400_000);
}

/// A clock that goes back does not bring back what has expired, nor forget what has not.
pub fn time_never_goes_back<S: Subject>(store: &S) {
    let minute = MINUTE.cast_signed();
    take(store, &[calls("a", 1)], 0);
    take(store, &[calls("a", 1)], minute);
    let exceeded = refuse(store, &[calls("a", 1)], minute - 1);
    assert_eq!(exceeded.first().and_then(|one| one.retry_after_ms), Some(MINUTE));
    assert!(matches!(store.reserve(&[day(-1, 1)], -1), Outcome::WindowPassed { now_ms: 60_000 }));
    refuse(store, &[calls("a", 1)], 2 * minute - 1);
    take(store, &[calls("a", 1)], 2 * minute);
}
