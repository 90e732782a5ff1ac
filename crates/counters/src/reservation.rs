//! What was taken from the counters for one call, and how much of it comes back.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::window::signed;
use crate::{CounterKey, SlotChange};

/// What one call took. It is given back through the store that made it, at most once.
///
/// Dropping it gives nothing back: only its owner knows whether the call was sent.
#[derive(Debug)]
pub struct Reservation {
    pub(crate) id: u64,
    pub(crate) now_ms: i64,
    pub(crate) taken: Vec<Taken>,
    returned: AtomicBool,
}

/// What one call took from one counter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Taken {
    /// Something of a slot.
    Slot { key: CounterKey, slot: i64, count_micros: u64, amount_micros: u64, expires_ms: i64 },
    /// A place among the calls in flight.
    Lease { key: CounterKey, lease_ms: u64 },
}

/// How much of a reservation is given back. Places among the calls in flight always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// All of it: the call surely did not reach its upstream.
    Everything,
    /// What its amounts took; the count of one call stays.
    Amounts,
    /// Nothing but its place among the calls in flight.
    Nothing,
}

impl Reservation {
    pub(crate) const fn new(id: u64, now_ms: i64, taken: Vec<Taken>) -> Self {
        Self { id, now_ms, taken, returned: AtomicBool::new(false) }
    }

    /// The one time by which every limit of the call was judged.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// What the reservation added to slots that must outlive the process.
    pub fn changes(&self) -> impl Iterator<Item = SlotChange> {
        self.taken.iter().filter_map(|taken| match *taken {
            Taken::Slot { key, slot, count_micros, amount_micros, expires_ms } => Some(SlotChange {
                key,
                slot,
                delta_micros: signed(count_micros.saturating_add(amount_micros)),
                last_ms: self.now_ms,
                expires_ms,
            }),
            Taken::Lease { .. } => None,
        })
    }

    /// Marks it as given back; false when it was already.
    pub(crate) fn give_back(&self) -> bool {
        !self.returned.swap(true, Ordering::AcqRel)
    }
}

impl Release {
    /// How much of what a slot holds for the call is given back.
    pub(crate) const fn share_micros(self, count_micros: u64, amount_micros: u64) -> u64 {
        match self {
            Self::Everything => count_micros.saturating_add(amount_micros),
            Self::Amounts => amount_micros,
            Self::Nothing => 0,
        }
    }
}
