//! Batches: several calls in one transaction of the log.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ostiary_counters::{CounterKey, SlotChange};
use ostiary_model::AccountId;
use ostiary_storage::SlotDelta;

/// Changes of slots, added up: calls of one batch mostly draw on the same few counters.
#[derive(Debug, Default)]
pub(super) struct SlotDeltas(HashMap<(CounterKey, i64), SlotDelta>);

impl SlotDeltas {
    pub(super) fn add(&mut self, account_id: AccountId, changes: impl IntoIterator<Item = SlotChange>) {
        for change in changes {
            match self.0.entry((change.key, change.slot)) {
                Entry::Occupied(mut entry) => {
                    let delta = entry.get_mut();
                    delta.delta_micros = delta.delta_micros.saturating_add(change.delta_micros);
                    delta.last_ms = delta.last_ms.max(change.last_ms);
                    delta.expires_ms = delta.expires_ms.max(change.expires_ms);
                }
                Entry::Vacant(entry) => {
                    entry.insert(SlotDelta {
                        account_id,
                        key: change.key.to_string(),
                        slot: change.slot,
                        delta_micros: change.delta_micros,
                        last_ms: change.last_ms,
                        expires_ms: change.expires_ms,
                    });
                }
            }
        }
    }

    pub(super) fn into_vec(self) -> Vec<SlotDelta> {
        self.0.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_one_slot_become_one_delta() {
        let account_id = AccountId::generate();
        let change = |slot, delta_micros, last_ms| SlotChange {
            key: CounterKey::from_bytes([1; 16]),
            slot,
            delta_micros,
            last_ms,
            expires_ms: last_ms + 60_000,
        };
        let mut deltas = SlotDeltas::default();
        deltas.add(account_id, [change(1, 5, 1_500), change(2, 7, 2_000)]);
        deltas.add(account_id, [change(1, 6, 1_400)]);
        let mut deltas = deltas.into_vec();
        deltas.sort_by_key(|delta| delta.slot);
        let found: Vec<_> = deltas.iter().map(|d| (d.slot, d.delta_micros, d.last_ms, d.expires_ms)).collect();
        assert_eq!(found, [(1, 11, 1_500, 61_500), (2, 7, 2_000, 62_000)]);
    }
}
