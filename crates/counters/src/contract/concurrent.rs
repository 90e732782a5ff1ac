//! Calls in flight: leases that end with their call, or with the patience of the store.

use super::{Subject, calls, refuse, take};
use crate::{Charge, CounterKey, Exceeded, ONE, Release, Scope, Span, Window};

/// A place among `max` calls in flight, for at most ten seconds unrenewed.
fn flight(max: u64) -> Charge {
    Charge {
        key: CounterKey::new(&[9; 16], Scope::Grant(b"g"), b"s", "flight", Span::Concurrent),
        window: Window::Concurrent { lease_ms: 10_000 },
        count_micros: ONE,
        amount_micros: 0,
        limits: vec![max * ONE],
    }
}

/// So many at once; when one ends there is room for one.
pub fn at_max_refuses_until_one_ends<S: Subject>(store: &S) {
    let first = take(store, &[flight(2)], 0);
    take(store, &[flight(2)], 0);
    assert_eq!(
        refuse(store, &[flight(2)], 1),
        [Exceeded { charge: 0, limit: 0, used_micros: 2 * ONE, retry_after_ms: None }]
    );
    store.release(&first, Release::Nothing);
    take(store, &[flight(2)], 1);
    refuse(store, &[flight(2)], 1);
}

/// However much a call gives back, it is not in flight any more.
pub fn every_release_ends_a_lease<S: Subject>(store: &S) {
    for release in [Release::Everything, Release::Amounts, Release::Nothing] {
        let reservation = take(store, &[flight(1)], 0);
        store.release(&reservation, release);
        store.release(&reservation, release);
    }
    take(store, &[flight(1)], 0);
}

/// A holder that dies loses its place when its lease is over, to the millisecond.
pub fn lease_of_a_dead_holder_expires<S: Subject>(store: &S) {
    let dead = take(store, &[flight(1)], 0);
    refuse(store, &[flight(1)], 9_999);
    take(store, &[flight(1)], 10_000);
    // Should it come back to life, it does not end another's lease.
    store.release(&dead, Release::Nothing);
    refuse(store, &[flight(1)], 10_000);
}

/// A holder that renews keeps its place.
pub fn renewed_lease_lives_on<S: Subject>(store: &S) {
    let reservation = take(store, &[flight(1)], 0);
    assert!(store.renew(&reservation, 9_999));
    refuse(store, &[flight(1)], 19_998);
    take(store, &[flight(1)], 19_999);
}

/// A lease that has ended does not come back.
pub fn renewal_of_an_ended_lease_is_refused<S: Subject>(store: &S) {
    let expired = take(store, &[flight(1)], 0);
    assert!(!store.renew(&expired, 10_000));
    let released = take(store, &[flight(1)], 10_000);
    store.release(&released, Release::Nothing);
    assert!(!store.renew(&released, 10_001));
    assert!(store.renew(&take(store, &[calls("a", 1)], 10_001), 10_001));
}

/// All or none holds for leases too, in both directions.
pub fn refused_call_holds_no_lease<S: Subject>(store: &S) {
    take(store, &[calls("a", 1)], 0);
    refuse(store, &[flight(1), calls("a", 1)], 1);
    take(store, &[flight(1), calls("b", 1)], 1);
    refuse(store, &[flight(1), calls("b", 2)], 2);
    take(store, &[calls("b", 2)], 3);
}
