//! What a reservation costs: keys ready, keys made for the call, refused.

use std::sync::atomic::{AtomicI64, Ordering};

use divan::{Bencher, black_box};
use ostiary_counters::{Charge, CounterKey, MemoryCounters, ONE, Scope, Span, Window};

fn main() {
    divan::main();
}

fn charge(counter: usize, max: u64) -> Charge {
    let window_ms = 60_000;
    Charge {
        key: CounterKey::new(
            &[1; 16],
            Scope::Grant(b"grt_06jd1f0rj1vpd8g9l0m1n2o3p4"),
            b"srv_06jd1f0rj1vpd8g9l0m1n2o3p4",
            ["calls", "refunded", "sessions"][counter % 3],
            Span::Sliding { window_ms },
        ),
        window: Window::Sliding { window_ms },
        count_micros: ONE,
        amount_micros: 0,
        limits: vec![max],
    }
}

/// Takes and keeps; time goes on by a millisecond a call, so slots come and go as in use.
#[divan::bench(args = [1, 3], threads = [1, 4])]
fn reserve_and_keep(bencher: Bencher<'_, '_>, counters: usize) {
    let store = MemoryCounters::new();
    let charges: Vec<Charge> = (0..counters).map(|i| charge(i, u64::MAX)).collect();
    let now_ms = AtomicI64::new(0);
    bencher.bench(|| {
        let now_ms = now_ms.fetch_add(1, Ordering::Relaxed);
        store.reserve(black_box(&charges), now_ms)
    });
}

/// The same with the keys hashed for the call, as on the path of a call.
#[divan::bench(args = [1, 3])]
fn reserve_with_new_keys(bencher: Bencher<'_, '_>, counters: usize) {
    let store = MemoryCounters::new();
    let now_ms = AtomicI64::new(0);
    bencher.bench(|| {
        let charges: Vec<Charge> = (0..counters).map(|i| charge(i, u64::MAX)).collect();
        store.reserve(&charges, now_ms.fetch_add(1, Ordering::Relaxed))
    });
}

/// Refused by a full window of sixty slots: the time to wait is worked out.
#[divan::bench]
fn refuse_by_a_full_window(bencher: Bencher<'_, '_>) {
    let store = MemoryCounters::new();
    for second in 0..60 {
        drop(store.reserve(&[charge(0, 60 * ONE)], second * 1_000));
    }
    let charges = [charge(0, 60 * ONE)];
    bencher.bench(|| store.reserve(black_box(&charges), 59_999));
}
