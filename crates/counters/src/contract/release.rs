//! Giving back: once, to the very slot it came from.

use super::{Subject, amount, calls, refuse, refused_for, take};
use crate::{ONE, Release};

/// Given back whole, a call leaves no trace.
pub fn everything_restores<S: Subject>(store: &S) {
    let charges = [calls("a", 1), amount("b", ONE, 5, ONE + 5)];
    for now_ms in 0..20 {
        let reservation = take(store, &charges, now_ms);
        refuse(store, &charges, now_ms);
        store.release(&reservation, Release::Everything);
    }
    take(store, &charges, 20);
}

/// What the amounts took comes back; the count of the call stays.
pub fn amounts_keeps_the_count<S: Subject>(store: &S) {
    let charges = [calls("a", 2), amount("b", ONE, 5, 2 * ONE + 5)];
    for now_ms in 0..2 {
        let reservation = take(store, &charges, now_ms);
        store.release(&reservation, Release::Amounts);
    }
    let used: Vec<u64> = refuse(store, &charges, 2).iter().map(|one| one.used_micros).collect();
    assert_eq!(used, [2 * ONE, 2 * ONE]);
}

/// An unknown end keeps everything charged.
pub fn nothing_keeps_everything<S: Subject>(store: &S) {
    let reservation = take(store, &[amount("a", ONE, 5, ONE + 5)], 0);
    store.release(&reservation, Release::Nothing);
    let exceeded = refuse(store, &[amount("a", 0, 1, ONE + 5)], 1);
    assert_eq!(exceeded.first().map(|one| one.used_micros), Some(ONE + 5));
}

/// The second release of a reservation does nothing, whatever either of them gives back.
pub fn twice_is_once<S: Subject>(store: &S) {
    let charge = amount("a", 0, 1, 3);
    let kept = take(store, std::slice::from_ref(&charge), 0);
    let returned = take(store, std::slice::from_ref(&charge), 0);
    take(store, std::slice::from_ref(&charge), 0);
    store.release(&kept, Release::Nothing);
    store.release(&kept, Release::Everything);
    for _ in 0..3 {
        store.release(&returned, Release::Everything);
    }
    take(store, std::slice::from_ref(&charge), 0);
    refuse(store, &[charge], 0);
}

/// A late release frees the time of its call, not that of later ones.
pub fn goes_to_the_slot_it_came_from<S: Subject>(store: &S) {
    let early = take(store, &[calls("a", 2)], 0);
    take(store, &[calls("a", 2)], 30_000);
    store.release(&early, Release::Everything);
    take(store, &[calls("a", 2)], 40_000);
    // The call of 30 s is the next to go.
    assert_eq!(refused_for(store, &calls("a", 2), 50_000), Some(40_000));
}

/// What has expired is not there to be given back.
pub fn after_expiry_changes_nothing<S: Subject>(store: &S) {
    let early = take(store, &[calls("a", 1)], 0);
    take(store, &[calls("a", 1)], 60_000);
    store.release(&early, Release::Everything);
    refuse(store, &[calls("a", 1)], 60_001);
}
