//! The counters of one process.

mod shard;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::CounterKey;
use crate::charge::{Charge, Exceeded, PeekOutcome, ReserveOutcome};
use crate::memory::shard::Shard;
use crate::reservation::{Release, Reservation, Taken};
use crate::slot::{SlotChange, SlotState};

/// Shards of a store: enough that two busy accounts seldom meet.
const SHARDS: usize = 64;

/// How many live counters a store keeps. Beyond it reservations are refused, never forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The most of one account, so that none can exhaust another.
    pub per_account: usize,
    /// The most of all accounts in one of the store's 64 shards.
    pub per_shard: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { per_account: 50_000, per_shard: 200_000 }
    }
}

/// Counters in memory, in shards with a lock each.
///
/// All counters of an account are in one shard, so a call locks once; charges over several
/// shards would lock them in rising order. A shard's time never goes back: a call that is late at
/// the lock is judged by the time of the call that was there before it.
#[derive(Debug)]
pub struct MemoryCounters {
    shards: Box<[Mutex<Shard>]>,
    capacity: Capacity,
    next_id: AtomicU64,
}

impl Default for MemoryCounters {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryCounters {
    /// An empty store of the usual capacity.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(Capacity::default())
    }

    /// An empty store that keeps so many counters.
    #[must_use]
    pub fn with_capacity(capacity: Capacity) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), capacity, next_id: AtomicU64::new(0) }
    }

    /// Takes all charges of a call or none, by one value of the clock: `now_ms`, or the store's
    /// own time where that is later.
    #[must_use = "what was reserved must be released or known to be used"]
    pub fn reserve(&self, charges: &[Charge], now_ms: i64) -> ReserveOutcome {
        let mut locked = self.lock(charges);
        let now_ms = locked.advance(now_ms);
        match locked.judge(charges, now_ms) {
            PeekOutcome::Fits => {}
            PeekOutcome::Exceeded(exceeded) => return ReserveOutcome::Exceeded(exceeded),
            PeekOutcome::WindowPassed { now_ms } => return ReserveOutcome::WindowPassed { now_ms },
        }
        if !locked.has_room(charges, self.capacity, now_ms) {
            return ReserveOutcome::Full;
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let taken = charges
            .iter()
            .filter_map(|charge| {
                let shard = locked.shard(charge.key)?;
                shard.counter(charge.key).take(id, charge, now_ms)
            })
            .collect();
        ReserveOutcome::Reserved(Reservation::new(id, now_ms, taken))
    }

    /// Judges the charges of a call without taking anything.
    #[must_use]
    pub fn peek(&self, charges: &[Charge], now_ms: i64) -> PeekOutcome {
        let mut locked = self.lock(charges);
        let now_ms = locked.latest(now_ms);
        locked.judge(charges, now_ms)
    }

    /// Gives back what surely was not used, to the very slots it came from, and ends the call's
    /// leases. The first release of a reservation counts; later ones do nothing.
    ///
    /// Answers how slots that must outlive the process have changed.
    pub fn release(&self, reservation: &Reservation, release: Release) -> Vec<SlotChange> {
        if !reservation.give_back() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for taken in &reservation.taken {
            match *taken {
                Taken::Lease { key, .. } => {
                    if let Some(counter) = self.lock_one(key).find(key) {
                        counter.end_lease(reservation.id);
                    }
                }
                Taken::Slot { key, slot, count_micros, amount_micros, expires_ms } => {
                    let share_micros = release.share_micros(count_micros, amount_micros);
                    if share_micros == 0 {
                        continue;
                    }
                    let mut shard = self.lock_one(key);
                    let found = shard.find(key).is_some_and(|counter| counter.give_back(slot, share_micros));
                    if found {
                        changes.push(SlotChange {
                            key,
                            slot,
                            delta_micros: -crate::window::signed(share_micros),
                            last_ms: reservation.now_ms,
                            expires_ms,
                        });
                    }
                }
            }
        }
        changes
    }

    /// Prolongs the leases of a call in flight by their length from now. False when one of them
    /// had ended: its place may have gone to another call.
    pub fn renew(&self, reservation: &Reservation, now_ms: i64) -> bool {
        let mut held = true;
        for taken in &reservation.taken {
            if let Taken::Lease { key, lease_ms } = *taken {
                let mut shard = self.lock_one(key);
                let now_ms = shard.advance(now_ms);
                held &= shard.find(key).is_some_and(|counter| counter.renew_lease(reservation.id, lease_ms, now_ms));
            }
        }
        held
    }

    /// Forgets counters that hold nothing at `now_ms`; answers how many. Locks a shard at a time.
    pub fn sweep(&self, now_ms: i64) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|shard| {
                let mut shard = lock(shard);
                let now_ms = shard.latest(now_ms);
                shard.sweep(now_ms)
            })
            .sum()
    }

    /// Every slot that is kept, shard by shard: not one moment of the whole store.
    #[must_use]
    pub fn snapshot(&self) -> Vec<SlotState> {
        let mut states = Vec::new();
        for shard in &self.shards {
            states.extend(lock(shard).states());
        }
        states
    }

    /// Adds stored slots, and moves the store's time on to the latest of them. For a store that
    /// is not in use yet; beyond its capacity too, because what was admitted must count.
    pub fn load(&self, states: impl IntoIterator<Item = SlotState>) {
        for state in states {
            let mut shard = self.lock_one(state.key);
            shard.advance(state.last_ms);
            shard.counter(state.key).add(&state);
        }
    }

    fn lock_one(&self, key: CounterKey) -> MutexGuard<'_, Shard> {
        let index = shard_index(key);
        // INVARIANT: `shard_index` is below SHARDS, which is the length of `shards`.
        #[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length")]
        lock(&self.shards[index])
    }

    /// Locks the shards of all charges, in rising order: two calls never wait for each other.
    fn lock(&self, charges: &[Charge]) -> Locked<'_> {
        let mut indexes: Vec<usize> = charges.iter().map(|c| shard_index(c.key)).collect();
        indexes.sort_unstable();
        indexes.dedup();
        let shards = indexes.into_iter().filter_map(|index| Some((index, lock(self.shards.get(index)?)))).collect();
        Locked(shards)
    }
}

/// The shards of one call, locked.
struct Locked<'a>(Vec<(usize, MutexGuard<'a, Shard>)>);

impl Locked<'_> {
    /// The later of `now_ms` and the time of every shard.
    fn latest(&self, now_ms: i64) -> i64 {
        let times = self.0.iter().map(|(_, shard)| shard.latest(now_ms));
        times.fold(now_ms, i64::max)
    }

    /// Moves all shards to one time, and answers it.
    fn advance(&mut self, now_ms: i64) -> i64 {
        let now_ms = self.latest(now_ms);
        for (_, shard) in &mut self.0 {
            shard.advance(now_ms);
        }
        now_ms
    }

    fn judge(&mut self, charges: &[Charge], now_ms: i64) -> PeekOutcome {
        let mut exceeded: Vec<Exceeded> = Vec::new();
        for (index, charge) in charges.iter().enumerate() {
            if !charge.window.contains(now_ms) {
                return PeekOutcome::WindowPassed { now_ms };
            }
            if let Some(shard) = self.shard(charge.key) {
                shard.judge(index, charge, now_ms, &mut exceeded);
            }
        }
        if exceeded.is_empty() { PeekOutcome::Fits } else { PeekOutcome::Exceeded(exceeded) }
    }

    /// Whether the new counters among the charges find room, after a sweep if need be.
    fn has_room(&mut self, charges: &[Charge], capacity: Capacity, now_ms: i64) -> bool {
        self.0.iter_mut().all(|(index, shard)| {
            let keys = charges.iter().map(|charge| charge.key);
            let keys = keys.filter(|key| shard_index(*key) == *index);
            shard.has_room(keys, capacity, now_ms)
        })
    }

    fn shard(&mut self, key: CounterKey) -> Option<&mut Shard> {
        let wanted = shard_index(key);
        let mut shards = self.0.iter_mut();
        shards.find(|(index, _)| *index == wanted).map(|(_, shard)| &mut **shard)
    }
}

fn shard_index(key: CounterKey) -> usize {
    key.account_tag() as usize % SHARDS
}

/// Locks a shard. A panic elsewhere cannot have left it half changed: no step between two of its
/// fields can panic, so the poison says nothing.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
