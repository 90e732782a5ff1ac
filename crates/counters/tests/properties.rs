//! Properties of the store in memory, checked against an exact log of what was admitted.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use ostiary_counters::{
    Charge, CounterKey, MemoryCounters, Release, Reservation, ReserveOutcome, Scope, SlotState, Span, Window,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// One admitted amount, at the time by which it was judged.
#[derive(Clone, Copy, Debug)]
struct Admitted {
    at_ms: i64,
    micros: u64,
}

fn charge(window_ms: u64, count_micros: u64, amount_micros: u64, max: u64) -> Charge {
    Charge {
        key: CounterKey::new(&[3; 16], Scope::Account, b"", "spent", Span::Sliding { window_ms }),
        window: Window::Sliding { window_ms },
        count_micros,
        amount_micros,
        limits: vec![max],
    }
}

fn reserved(outcome: ReserveOutcome) -> Option<Reservation> {
    match outcome {
        ReserveOutcome::Reserved(reservation) => Some(reservation),
        _ => None,
    }
}

/// The most that was admitted in any interval as long as the window.
fn worst_interval(log: &[Admitted], window_ms: u64) -> u64 {
    let window_ms = window_ms.cast_signed();
    // The worst interval can be moved until it begins at something that was admitted.
    let starts = log.iter().map(|one| one.at_ms);
    starts
        .map(|start| {
            log.iter().filter(|one| (start..start + window_ms).contains(&one.at_ms)).map(|one| one.micros).sum()
        })
        .max()
        .unwrap_or(0)
}

fn amounts(states: Vec<SlotState>) -> Vec<(CounterKey, i64, u64)> {
    let mut amounts: Vec<_> = states.into_iter().map(|state| (state.key, state.slot, state.amount_micros)).collect();
    amounts.sort_unstable();
    amounts
}

/// One step of a script: wait, then reserve, then perhaps give back an earlier reservation.
type Step = (i64, u64, Option<(prop::sample::Index, Release)>);

fn steps(longest_wait_ms: i64) -> impl Strategy<Value = Vec<Step>> {
    let release = prop_oneof![Just(Release::Everything), Just(Release::Amounts), Just(Release::Nothing)];
    let given_back = prop::option::weighted(0.3, (any::<prop::sample::Index>(), release));
    // A clock that sometimes goes back a little.
    let wait_ms = prop_oneof![8 => 0..=longest_wait_ms, 1 => -longest_wait_ms..=0];
    vec((wait_ms, 0..=6_u64, given_back), 1..120)
}

fn windows() -> impl Strategy<Value = u64> {
    prop_oneof![1..=200_u64, Just(1_000_u64), Just(60_000_u64)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Strict: no interval as long as the window has more than the limit. And not too strict:
    /// what was refused would not have fitted a window longer by less than a slot.
    #[test]
    fn sliding_counter_equals_an_exact_log_within_a_sixtieth(
        (window_ms, script) in windows()
            .prop_flat_map(|window_ms| (Just(window_ms), steps((window_ms / 7 + 2).cast_signed()))),
        max in 0..=20_u64,
    ) {
        let store = MemoryCounters::new();
        let slot_ms = Window::slot_ms(window_ms).cast_signed();
        let held_ms = window_ms.cast_signed() + slot_ms - 1;
        let mut held: Vec<(Reservation, Admitted, bool)> = Vec::new();
        let mut now_ms = 1_000_000_i64;
        let mut latest_ms = i64::MIN;
        for (wait_ms, micros, given_back) in script {
            now_ms += wait_ms;
            latest_ms = latest_ms.max(now_ms);
            let one = charge(window_ms, micros % 2, micros - micros % 2, max);
            match store.reserve(&[one], now_ms) {
                ReserveOutcome::Reserved(reservation) => {
                    prop_assert_eq!(reservation.now_ms(), latest_ms);
                    held.push((reservation, Admitted { at_ms: latest_ms, micros }, false));
                }
                ReserveOutcome::Exceeded(exceeded) => {
                    let counted: u64 = held
                        .iter()
                        .filter(|(_, one, _)| one.at_ms + held_ms > latest_ms)
                        .map(|(_, one, _)| one.micros)
                        .sum();
                    prop_assert!(counted + micros > max, "refused without need");
                    prop_assert_eq!(exceeded[0].retry_after_ms.is_none(), micros > max);
                }
                other => prop_assert!(false, "{:?}", other),
            }
            if let Some((index, release)) = given_back && !held.is_empty() {
                let at = index.index(held.len());
                let (reservation, admitted, is_returned) = &mut held[at];
                store.release(reservation, release);
                if !*is_returned {
                    admitted.micros = match release {
                        Release::Everything => 0,
                        Release::Amounts => admitted.micros % 2,
                        Release::Nothing => admitted.micros,
                    };
                    *is_returned = true;
                }
            }
            let log: Vec<Admitted> = held.iter().map(|(_, one, _)| *one).collect();
            prop_assert!(worst_interval(&log, window_ms) <= max);
        }
    }

    /// The time to wait is enough, and a millisecond less is not.
    #[test]
    fn refused_call_fits_exactly_after_its_time(
        script in vec((0..=9_000_i64, 1..=4_u64), 1..60),
        asked in 1..=12_u64,
    ) {
        let store = MemoryCounters::new();
        let mut now_ms = 0;
        for (wait_ms, micros) in script {
            now_ms += wait_ms;
            drop(store.reserve(&[charge(60_000, 0, micros, 12)], now_ms));
        }
        let ask = [charge(60_000, 0, asked, 12)];
        if let ReserveOutcome::Exceeded(exceeded) = store.reserve(&ask, now_ms) {
            let wait_ms = exceeded[0].retry_after_ms.map(u64::cast_signed);
            let wait_ms = wait_ms.expect("the amount is not above the limit");
            prop_assert!(reserved(store.reserve(&ask, now_ms + wait_ms - 1)).is_none());
            prop_assert!(reserved(store.reserve(&ask, now_ms + wait_ms)).is_some());
        }
    }

    /// Reserve and release leave every slot as it was, and a second release changes nothing.
    #[test]
    fn released_reservation_restores_and_twice_is_once(
        before in vec((0..=2_000_i64, 1..=5_u64), 0..30),
        micros in 0..=9_u64,
        after in vec((0..=2_000_i64, 1..=5_u64), 0..30),
    ) {
        let (with, without) = (MemoryCounters::new(), MemoryCounters::new());
        let one = |micros| [charge(60_000, micros % 2, micros, u64::MAX)];
        let mut now_ms = 0;
        let mut add = |store: &MemoryCounters, script: &[(i64, u64)], mut at_ms: i64| {
            for (wait_ms, micros) in script {
                at_ms += wait_ms;
                drop(store.reserve(&one(*micros), at_ms));
            }
            now_ms = now_ms.max(at_ms);
            at_ms
        };
        let middle_ms = add(&with, &before, 0);
        add(&without, &before, 0);
        let reservation = reserved(with.reserve(&one(micros), middle_ms)).expect("no limit");
        add(&with, &after, middle_ms);
        add(&without, &after, middle_ms);
        with.release(&reservation, Release::Everything);
        prop_assert_eq!(amounts(with.snapshot()), amounts(without.snapshot()));
        prop_assert_eq!(with.release(&reservation, Release::Everything), []);
        prop_assert_eq!(amounts(with.snapshot()), amounts(without.snapshot()));
    }
}

/// Threads at one store, each with its own idea of the time: the log of what was admitted has no
/// interval above the limit, and the store was full at some point, or the test shows nothing.
#[test]
fn sliding_counter_under_threads_never_exceeds_its_limit() {
    const MAX: u64 = 50;
    const WINDOW_MS: u64 = 200;
    let store = MemoryCounters::new();
    let log = Mutex::new(Vec::new());
    let clock = AtomicI64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (store, log, clock) = (&store, &log, &clock);
            scope.spawn(move || {
                for turn in 0..3_000_u64 {
                    // Late readers: the time was taken before the lock was waited for.
                    let now_ms = clock.fetch_add(i64::from(turn % 3 == 0), Ordering::Relaxed);
                    std::thread::yield_now();
                    let micros = 1 + (turn + thread) % 3;
                    let one = [charge(WINDOW_MS, 0, micros, MAX)];
                    let Some(reservation) = reserved(store.reserve(&one, now_ms)) else {
                        continue;
                    };
                    if (turn + thread) % 5 == 0 {
                        store.release(&reservation, Release::Everything);
                        continue;
                    }
                    let at_ms = reservation.now_ms();
                    log.lock().unwrap().push(Admitted { at_ms, micros });
                }
            });
        }
    });
    let log = log.into_inner().unwrap();
    let worst = worst_interval(&log, WINDOW_MS);
    assert!(worst <= MAX, "{worst} in one interval");
    assert!(worst > MAX - 3, "the limit was never reached: {worst}");
}
