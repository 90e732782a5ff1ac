//! One counter: its live slots, or the calls in flight.

use std::collections::VecDeque;

use crate::charge::{Charge, Exceeded, ONE};
use crate::reservation::Taken;
use crate::slot::SlotState;
use crate::window::{Window, signed};

/// The state of one counter. Which half is in use follows from the window in its key.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    /// In the order of their numbers, which is the order in which they expire.
    slots: VecDeque<Slot>,
    /// INVARIANT: the sum of all `slots`.
    total_micros: u64,
    leases: Vec<Lease>,
}

#[derive(Debug)]
struct Slot {
    number: i64,
    amount_micros: u64,
    last_ms: i64,
    expires_ms: i64,
}

#[derive(Debug)]
struct Lease {
    reservation: u64,
    expires_ms: i64,
}

impl Counter {
    /// Forgets what does not count at `now_ms` any more.
    pub(crate) fn expire(&mut self, now_ms: i64) {
        while let Some(slot) = self.slots.pop_front_if(|slot| slot.expires_ms <= now_ms) {
            self.total_micros = self.total_micros.saturating_sub(slot.amount_micros);
        }
        self.leases.retain(|lease| lease.expires_ms > now_ms);
    }

    /// Whether nothing counts.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.leases.is_empty()
    }

    /// Judges a charge by the state before it plus all that it adds. Expired slots must be gone.
    pub(crate) fn judge(&self, index: usize, charge: &Charge, now_ms: i64, exceeded: &mut Vec<Exceeded>) {
        let used_micros = match charge.window {
            Window::Concurrent { .. } => ONE.saturating_mul(self.leases.len() as u64),
            Window::Sliding { .. } | Window::Calendar { .. } => self.total_micros,
        };
        let after = u128::from(used_micros) + charge.total_micros();
        for (limit, max_micros) in charge.limits.iter().enumerate() {
            if after > u128::from(*max_micros) {
                exceeded.push(Exceeded {
                    charge: index,
                    limit,
                    used_micros,
                    retry_after_ms: self.retry_after_ms(charge, *max_micros, now_ms),
                });
            }
        }
    }

    /// After how long enough slots will have expired for the charge to fit below `max_micros`.
    fn retry_after_ms(&self, charge: &Charge, max_micros: u64, now_ms: i64) -> Option<u64> {
        if matches!(charge.window, Window::Concurrent { .. }) {
            return None;
        }
        let room = u128::from(max_micros).checked_sub(charge.total_micros())?;
        let mut left = u128::from(self.total_micros);
        for slot in &self.slots {
            left = left.saturating_sub(u128::from(slot.amount_micros));
            if left <= room {
                return u64::try_from(slot.expires_ms.saturating_sub(now_ms)).ok();
            }
        }
        None
    }

    /// Adds a charge; none where it adds nothing.
    pub(crate) fn take(&mut self, reservation: u64, charge: &Charge, now_ms: i64) -> Option<Taken> {
        let key = charge.key;
        let place = match charge.window {
            Window::Concurrent { lease_ms } => {
                self.leases.push(Lease { reservation, expires_ms: now_ms.saturating_add(signed(lease_ms)) });
                return Some(Taken::Lease { key, lease_ms });
            }
            window @ (Window::Sliding { .. } | Window::Calendar { .. }) => window.place(now_ms)?,
        };
        let added = charge.count_micros.saturating_add(charge.amount_micros);
        if added == 0 {
            return None;
        }
        self.add(&SlotState {
            key,
            slot: place.slot,
            amount_micros: added,
            last_ms: now_ms,
            expires_ms: place.expires_ms,
        });
        Some(Taken::Slot {
            key,
            slot: place.slot,
            count_micros: charge.count_micros,
            amount_micros: charge.amount_micros,
            expires_ms: place.expires_ms,
        })
    }

    /// Adds to a slot, new or not.
    pub(crate) fn add(&mut self, added: &SlotState) {
        self.total_micros = self.total_micros.saturating_add(added.amount_micros);
        // Calls come in the order of time, so the slot is nearly always the last one.
        let at = self.slots.partition_point(|slot| slot.number < added.slot);
        match self.slots.get_mut(at) {
            Some(slot) if slot.number == added.slot => {
                slot.amount_micros = slot.amount_micros.saturating_add(added.amount_micros);
                slot.last_ms = slot.last_ms.max(added.last_ms);
                slot.expires_ms = slot.expires_ms.max(added.expires_ms);
            }
            _ => self.slots.insert(
                at,
                Slot {
                    number: added.slot,
                    amount_micros: added.amount_micros,
                    last_ms: added.last_ms,
                    expires_ms: added.expires_ms,
                },
            ),
        }
    }

    /// Gives back `share_micros` to the very slot it came from; false when the slot is gone.
    pub(crate) fn give_back(&mut self, number: i64, share_micros: u64) -> bool {
        let at = self.slots.partition_point(|slot| slot.number < number);
        let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.number == number) else {
            return false;
        };
        let share_micros = share_micros.min(slot.amount_micros);
        slot.amount_micros -= share_micros;
        self.total_micros = self.total_micros.saturating_sub(share_micros);
        if slot.amount_micros == 0 {
            self.slots.remove(at);
        }
        true
    }

    /// Ends the lease of a reservation, if it has not ended.
    pub(crate) fn end_lease(&mut self, reservation: u64) {
        self.leases.retain(|lease| lease.reservation != reservation);
    }

    /// Prolongs the lease of a reservation; false when it has ended.
    pub(crate) fn renew_lease(&mut self, reservation: u64, lease_ms: u64, now_ms: i64) -> bool {
        let lease = self.leases.iter_mut().find(|lease| lease.reservation == reservation && lease.expires_ms > now_ms);
        let Some(lease) = lease else { return false };
        let expires_ms = now_ms.saturating_add(signed(lease_ms));
        lease.expires_ms = lease.expires_ms.max(expires_ms);
        true
    }

    /// What must outlive the process: slots, not leases, whose holders do not.
    pub(crate) fn states(&self, key: crate::CounterKey) -> impl Iterator<Item = SlotState> {
        self.slots.iter().map(move |slot| SlotState {
            key,
            slot: slot.number,
            amount_micros: slot.amount_micros,
            last_ms: slot.last_ms,
            expires_ms: slot.expires_ms,
        })
    }
}
