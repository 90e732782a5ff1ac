//! Counters of a process that counted in itself, carried to Redis: limits do not begin anew because an installation grows.

use std::collections::BTreeMap;

use ostiary_counters::CounterKey;
use ostiary_model::AccountId;
use ostiary_storage::StoredSlot;

use crate::redis::RedisEpochs;
use crate::redis::charge::MOST;
use crate::redis::link::LinkError;
use crate::redis::script::{CARRY, WHOLE};
use crate::redis::value;

/// How much longer than it counts a counter is kept.
const KEEP_MS: i64 = 60_000;

/// Why counters could not be carried. Those that were stay; carrying again goes on where it ended.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// Redis did not take one.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// What is stored is no counter.
    #[error("the stored key of a counter cannot be read")]
    Key,
}

/// Makes the counters that slots of a log are of, which are all that there are. Nobody may be counting meanwhile; answers
/// how many were made. A counter that Redis has already stays as it is there.
///
/// A Redis that knows of no counting yet has then lost nothing: limits are judged at once, and not when their windows
/// have passed.
///
/// # Errors
///
/// A slot that is none, or a Redis that does not take it.
pub async fn carry(epochs: &RedisEpochs, slots: &[StoredSlot], now_ms: i64) -> Result<u64, CarryError> {
    let mut counters: BTreeMap<(AccountId, &str), Vec<&StoredSlot>> = BTreeMap::new();
    for slot in slots.iter().filter(|slot| slot.expires_ms > now_ms) {
        counters.entry((slot.account_id, &slot.key)).or_default().push(slot);
    }
    let mut made = 0;
    for ((account_id, key), mut slots) in counters {
        slots.sort_unstable_by_key(|slot| slot.slot);
        let key: CounterKey = key.parse().map_err(|_| CarryError::Key)?;
        let shard = epochs.keys.shard(account_id);
        // What is added to the newest slot later counts as long again as the slot did.
        let lasts = slots.iter().map(|slot| (slot.expires_ms - now_ms).saturating_add(slot.expires_ms - slot.last_ms));
        let keep_ms = lasts.max().unwrap_or(0).saturating_add(KEEP_MS);
        let keys = vec![epochs.keys.time(shard), epochs.keys.index(account_id), epochs.keys.counter(shard, key)];
        let mut call = CARRY.on(keys).with(epochs.given_ms.text()).with(keep_ms);
        for slot in slots {
            call.arg(slot.slot);
            call.arg(u64::try_from(slot.amount_micros).unwrap_or(0).min(MOST));
            call.arg(slot.expires_ms);
        }
        let answer = epochs.link.run(&call).await?;
        made += u64::from(value::text(&answer) == Some("made"));
    }
    // Behind the counters: should this break off, limits are refused and not forgotten.
    for shard in epochs.keys.shards() {
        epochs.link.run(&WHOLE.on(vec![epochs.keys.since(shard)])).await?;
    }
    Ok(made)
}
