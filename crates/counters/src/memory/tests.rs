use super::*;
use crate::{ONE, Scope, Span, Window};

const MINUTE: u64 = 60_000;

fn charge(account: u8, counter: &str, max: u64) -> Charge {
    let span = Span::Sliding { window_ms: MINUTE };
    Charge {
        key: CounterKey::new(&[account; 16], Scope::Account, b"", counter, span),
        window: Window::Sliding { window_ms: MINUTE },
        count_micros: ONE,
        amount_micros: 0,
        limits: vec![max * ONE],
    }
}

fn reserved(outcome: ReserveOutcome) -> Reservation {
    match outcome {
        ReserveOutcome::Reserved(reservation) => reservation,
        other => panic!("not reserved: {other:?}"),
    }
}

#[test]
fn snapshot_loaded_into_another_store_limits_the_same() {
    let store = MemoryCounters::new();
    for now_ms in [0, 10, 30_000] {
        reserved(store.reserve(&[charge(1, "calls", 3)], now_ms));
    }
    let restarted = MemoryCounters::new();
    restarted.load(store.snapshot());
    for store in [store, restarted] {
        let ReserveOutcome::Exceeded(exceeded) = store.reserve(&[charge(1, "calls", 3)], 40_000) else {
            panic!("the limit was forgotten");
        };
        assert_eq!(exceeded[0].used_micros, 3 * ONE);
        assert_eq!(exceeded[0].retry_after_ms, Some(20_010));
    }
}

#[test]
fn load_moves_time_on_to_the_last_call() {
    let store = MemoryCounters::new();
    reserved(store.reserve(&[charge(1, "calls", 3)], 50_000));
    let restarted = MemoryCounters::new();
    restarted.load(store.snapshot());
    let late = reserved(restarted.reserve(&[charge(1, "calls", 3)], 20_000));
    assert_eq!(late.now_ms(), 50_000);
}

#[test]
fn changes_summed_up_are_the_snapshot() {
    let store = MemoryCounters::new();
    let charges = [charge(1, "a", 9), charge(1, "b", 9)];
    let kept = reserved(store.reserve(&charges, 5));
    let returned = reserved(store.reserve(&charges, 6));
    let mut changes: Vec<SlotChange> = kept.changes().chain(returned.changes()).collect();
    changes.extend(store.release(&returned, Release::Everything));
    for state in store.snapshot() {
        let of_slot = changes.iter().filter(|change| change.key == state.key);
        let sum: i64 = of_slot.map(|change| change.delta_micros).sum();
        assert_eq!(sum as u64, state.amount_micros);
    }
}

#[test]
fn account_at_its_capacity_is_refused_and_others_are_not() {
    let store = MemoryCounters::with_capacity(Capacity { per_account: 2, per_shard: 100 });
    reserved(store.reserve(&[charge(1, "a", 9), charge(1, "b", 9)], 0));
    assert!(matches!(store.reserve(&[charge(1, "a", 9), charge(1, "c", 9)], 1), ReserveOutcome::Full));
    reserved(store.reserve(&[charge(1, "a", 9), charge(1, "b", 9)], 1));
    // The same shard, another account: 1 and 65 are equal modulo 64.
    reserved(store.reserve(&[charge(65, "a", 9)], 1));
}

#[test]
fn full_account_finds_room_when_its_counters_have_expired() {
    let store = MemoryCounters::with_capacity(Capacity { per_account: 1, per_shard: 100 });
    reserved(store.reserve(&[charge(1, "a", 9)], 0));
    let other = [charge(1, "b", 9)];
    assert!(matches!(store.reserve(&other, 59_999), ReserveOutcome::Full));
    assert!(matches!(store.reserve(&other, 60_000), ReserveOutcome::Full));
    reserved(store.reserve(&other, 60_999));
}

#[test]
fn sweep_forgets_only_what_counts_no_more() {
    let store = MemoryCounters::new();
    reserved(store.reserve(&[charge(1, "a", 9)], 0));
    reserved(store.reserve(&[charge(2, "a", 9)], 1));
    assert_eq!(store.sweep(59_999), 0);
    assert_eq!(store.sweep(60_000), 1);
    assert_eq!(store.snapshot().len(), 1);
    assert_eq!(store.sweep(60_001), 1);
    assert_eq!(store.snapshot(), []);
}

#[test]
fn reserve_of_two_accounts_in_opposite_orders_never_deadlocks() {
    let store = MemoryCounters::new();
    std::thread::scope(|scope| {
        for order in [[1, 2], [2, 1]] {
            let store = &store;
            scope.spawn(move || {
                let charges = order.map(|account| charge(account, "calls", 100_000));
                for now_ms in 0..5_000 {
                    reserved(store.reserve(&charges, now_ms));
                }
            });
        }
    });
    let ReserveOutcome::Exceeded(exceeded) = store.reserve(&[charge(1, "calls", 0)], 0) else {
        panic!("nothing was counted");
    };
    assert_eq!(exceeded[0].used_micros, 10_000 * ONE);
}

#[test]
fn reserve_with_no_charges_takes_nothing() {
    let store = MemoryCounters::new();
    let reservation = reserved(store.reserve(&[], 7));
    assert_eq!(reservation.now_ms(), 7);
    assert_eq!(reservation.changes().count(), 0);
    assert_eq!(store.release(&reservation, Release::Everything), []);
}
