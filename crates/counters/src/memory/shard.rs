//! One shard of the store: the counters of some accounts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::CounterKey;
use crate::charge::{Charge, Exceeded};
use crate::counter::Counter;
use crate::memory::Capacity;
use crate::slot::SlotState;

/// How often a full shard may be swept for the sake of one call.
const SWEEP_PAUSE_MS: i64 = 1_000;

/// Counters, how many each account has, and the latest time that was seen.
#[derive(Debug)]
pub(super) struct Shard {
    counters: HashMap<CounterKey, Counter>,
    /// INVARIANT: by account tag, how many of `counters` have it; never 0.
    per_account: HashMap<u32, usize>,
    latest_ms: i64,
    swept_ms: i64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { counters: HashMap::new(), per_account: HashMap::new(), latest_ms: i64::MIN, swept_ms: i64::MIN }
    }
}

impl Shard {
    /// The later of `now_ms` and the shard's time.
    pub(super) fn latest(&self, now_ms: i64) -> i64 {
        self.latest_ms.max(now_ms)
    }

    /// Moves the shard's time on, never back, and answers it.
    pub(super) fn advance(&mut self, now_ms: i64) -> i64 {
        self.latest_ms = self.latest(now_ms);
        self.latest_ms
    }

    pub(super) fn judge(&mut self, index: usize, charge: &Charge, now_ms: i64, exceeded: &mut Vec<Exceeded>) {
        match self.counters.get_mut(&charge.key) {
            Some(counter) => {
                counter.expire(now_ms);
                counter.judge(index, charge, now_ms, exceeded);
            }
            None => Counter::default().judge(index, charge, now_ms, exceeded),
        }
    }

    /// The counter of a key, made if need be.
    pub(super) fn counter(&mut self, key: CounterKey) -> &mut Counter {
        match self.counters.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                *self.per_account.entry(key.account_tag()).or_default() += 1;
                entry.insert(Counter::default())
            }
        }
    }

    /// The counter of a key, if there is one.
    pub(super) fn find(&mut self, key: CounterKey) -> Option<&mut Counter> {
        self.counters.get_mut(&key)
    }

    /// Whether the counters of `keys` that are not there yet may be made.
    pub(super) fn has_room(
        &mut self,
        keys: impl Iterator<Item = CounterKey> + Clone,
        capacity: Capacity,
        now_ms: i64,
    ) -> bool {
        if self.fits(keys.clone(), capacity) {
            return true;
        }
        // A sweep looks at every counter of the shard: not for every call that is refused.
        if now_ms.saturating_sub(self.swept_ms) < SWEEP_PAUSE_MS {
            return false;
        }
        self.sweep(now_ms);
        self.fits(keys, capacity)
    }

    fn fits(&self, keys: impl Iterator<Item = CounterKey>, capacity: Capacity) -> bool {
        let mut new = keys.filter(|key| !self.counters.contains_key(key));
        let Some(first) = new.next() else { return true };
        let tag = first.account_tag();
        let (mut of_account, mut of_all) = (1, 1);
        for key in new {
            of_all += 1;
            of_account += usize::from(key.account_tag() == tag);
        }
        let account_has = self.per_account.get(&tag).copied().unwrap_or(0);
        account_has + of_account <= capacity.per_account && self.counters.len() + of_all <= capacity.per_shard
    }

    /// Forgets counters that hold nothing; answers how many.
    pub(super) fn sweep(&mut self, now_ms: i64) -> usize {
        self.swept_ms = now_ms;
        let before = self.counters.len();
        let per_account = &mut self.per_account;
        self.counters.retain(|key, counter| {
            counter.expire(now_ms);
            let keep = !counter.is_empty();
            if !keep && let Entry::Occupied(mut entry) = per_account.entry(key.account_tag()) {
                *entry.get_mut() -= 1;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
            keep
        });
        before - self.counters.len()
    }

    pub(super) fn states(&self) -> impl Iterator<Item = SlotState> {
        let counters = self.counters.iter();
        counters.flat_map(|(key, counter)| counter.states(*key))
    }
}
