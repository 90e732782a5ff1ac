//! Charges as the script takes them, and what it took.

use ostiary_counters::{Charge, Release, Window};
use ostiary_model::DecisionId;
use redis::Value;

use crate::redis::keys::{Keys, Shard};
use crate::redis::script::Call;
use crate::redis::settlement::Share;
use crate::redis::value::text;

/// The largest whole number that Lua counts to exactly. No limit is above it, so more is as good as without end.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// What one call took from one counter.
#[derive(Debug)]
pub(super) enum Taken {
    Slot { key: String, slot: String, count_micros: u64, amount_micros: u64 },
    Lease { key: String },
}

/// Adds charges to a call of the script.
pub(super) fn write(call: &mut Call, keys: &Keys, shard: Shard, charges: &[Charge]) {
    call.arg(charges.len());
    for charge in charges {
        call.key(keys.counter(shard, charge.key));
        let (kind, a, b) = match charge.window {
            Window::Sliding { window_ms } => ("s", window_ms.to_string(), Window::slot_ms(window_ms).to_string()),
            Window::Calendar { start_ms, end_ms } => ("c", start_ms.to_string(), end_ms.to_string()),
            Window::Concurrent { lease_ms } => ("f", lease_ms.min(MOST).to_string(), String::from("0")),
        };
        call.arg(kind);
        call.arg(a);
        call.arg(b);
        call.arg(charge.count_micros.min(MOST));
        call.arg(charge.amount_micros.min(MOST));
        call.arg(charge.limits.len());
        for max_micros in &charge.limits {
            call.arg(max_micros.min(&MOST));
        }
    }
}

/// What the script took, by the slots it answers for the charges.
pub(super) fn read_taken(keys: &Keys, shard: Shard, charges: &[Charge], slots: &[Value]) -> Option<Vec<Taken>> {
    if charges.len() != slots.len() {
        return None;
    }
    let mut taken = Vec::with_capacity(charges.len());
    for (charge, slot) in charges.iter().zip(slots) {
        let (key, slot) = (keys.counter(shard, charge.key), text(slot)?);
        if matches!(charge.window, Window::Concurrent { .. }) {
            taken.push(Taken::Lease { key });
        } else if !slot.is_empty() {
            let (count_micros, amount_micros) = (charge.count_micros.min(MOST), charge.amount_micros.min(MOST));
            taken.push(Taken::Slot { key, slot: slot.to_owned(), count_micros, amount_micros });
        }
    }
    Some(taken)
}

/// The counters of calls in flight among the charges.
pub(super) fn lease_keys(keys: &Keys, shard: Shard, charges: &[Charge]) -> Vec<String> {
    let leases = charges.iter().filter(|charge| matches!(charge.window, Window::Concurrent { .. }));
    leases.map(|charge| keys.counter(shard, charge.key)).collect()
}

/// What a release gives back, and which leases it ends.
pub(super) fn give_back(taken: Vec<Taken>, release: Release) -> (Vec<Share>, Vec<String>) {
    let (mut shares, mut leases) = (Vec::new(), Vec::new());
    for one in taken {
        match one {
            Taken::Lease { key } => leases.push(key),
            Taken::Slot { key, slot, count_micros, amount_micros } => {
                let micros = match release {
                    Release::Everything => count_micros.saturating_add(amount_micros),
                    Release::Amounts => amount_micros,
                    Release::Nothing => 0,
                };
                if micros > 0 {
                    shares.push(Share { key, slot, micros });
                }
            }
        }
    }
    (shares, leases)
}

/// Whose lease it is.
pub(super) fn holder(decision_id: DecisionId) -> String {
    decision_id.as_uuid().simple().to_string()
}
