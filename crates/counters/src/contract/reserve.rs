//! Taking: all or none, judged by the state before the call plus all that it adds.

use super::{Subject, amount, calls, refuse, refused_for, take};
use crate::{Exceeded, ONE, PeekOutcome};

/// As many calls as the limit says, and not one more.
pub fn at_max_refuses_the_next<S: Subject>(store: &S) {
    for now_ms in 0..3 {
        take(store, &[calls("a", 3)], now_ms);
    }
    // All three are in one slot, which is held as long as the last of them.
    assert_eq!(
        refuse(store, &[calls("a", 3)], 1_002),
        [Exceeded { charge: 0, limit: 0, used_micros: 3 * ONE, retry_after_ms: Some(60_002 - 1_002) }]
    );
}

/// A call that one counter refuses leaves the others as they were.
pub fn of_several_takes_all_or_none<S: Subject>(store: &S) {
    take(store, &[calls("b", 1)], 0);
    for now_ms in 1..5 {
        refuse(store, &[calls("a", 2), calls("b", 1), calls("c", 2)], now_ms);
    }
    take(store, &[calls("a", 2), calls("c", 2)], 5);
    take(store, &[calls("a", 2), calls("c", 2)], 6);
    refuse(store, &[calls("a", 2)], 7);
}

/// Every limit that is exceeded is named, in the order of the charges.
pub fn names_every_exceeded_limit<S: Subject>(store: &S) {
    let mut a = calls("a", 9);
    take(store, &[a.clone(), calls("b", 9)], 0);
    a.limits = vec![ONE, 2 * ONE, 0];
    let exceeded = refuse(store, &[a, calls("b", 1)], 0);
    let named: Vec<_> = exceeded.iter().map(|one| (one.charge, one.limit, one.retry_after_ms)).collect();
    assert_eq!(named, [(0, 0, Some(60_000)), (0, 2, None), (1, 0, Some(60_000))]);
}

/// What is above the limit by itself has no time to wait for.
pub fn above_max_alone_never_fits<S: Subject>(store: &S) {
    assert_eq!(refused_for(store, &amount("a", 0, 11, 10), 0), None);
    take(store, &[amount("a", 0, 10, 10)], 0);
    assert_eq!(refused_for(store, &amount("a", 0, 11, 10), 0), None);
    assert_eq!(refused_for(store, &amount("a", 0, 10, 10), 0), Some(60_000));
}

/// A call that adds nothing fits a full counter, and not one that is over its limit.
pub fn of_nothing_is_still_judged<S: Subject>(store: &S) {
    take(store, &[amount("a", 0, 10, 10)], 0);
    take(store, &[amount("a", 0, 0, 10)], 1);
    assert_eq!(refused_for(store, &amount("a", 0, 0, 9), 2), Some(59_998));
    take(store, &[amount("a", 0, 0, 9)], 60_000);
}

/// The count and the amounts of a call add up on a counter that has both.
pub fn adds_count_and_amounts<S: Subject>(store: &S) {
    take(store, &[amount("a", ONE, ONE / 2, 3 * ONE)], 0);
    take(store, &[amount("a", ONE, ONE / 2, 3 * ONE)], 0);
    let exceeded = refuse(store, &[amount("a", 0, 1, 3 * ONE)], 0);
    assert_eq!(exceeded.first().map(|one| one.used_micros), Some(3 * ONE));
}

/// A counter knows nothing of another.
pub fn counters_are_apart<S: Subject>(store: &S) {
    take(store, &[calls("a", 1)], 0);
    take(store, &[calls("b", 1)], 0);
    refuse(store, &[calls("a", 1)], 0);
}

/// Judging alone answers like taking, and changes nothing.
pub fn peek_takes_nothing<S: Subject>(store: &S) {
    for _ in 0..3 {
        assert_eq!(store.peek(&[calls("a", 1)], 0), PeekOutcome::Fits);
    }
    take(store, &[calls("a", 1)], 0);
    let exceeded = refuse(store, &[calls("a", 1)], 1);
    assert_eq!(store.peek(&[calls("a", 1)], 1), PeekOutcome::Exceeded(exceeded));
    assert_eq!(store.peek(&[calls("a", 1)], 60_000), PeekOutcome::Fits);
}

/// Sums beyond the range of numbers are beyond every limit.
pub fn huge_amounts_do_not_wrap<S: Subject>(store: &S) {
    let half = u64::MAX / 2 + 1;
    take(store, &[amount("a", 0, half, half)], 0);
    assert_eq!(refused_for(store, &amount("a", 0, half, u64::MAX), 0), Some(60_000));
    assert_eq!(refused_for(store, &amount("b", u64::MAX, u64::MAX, u64::MAX), 0), None);
}
