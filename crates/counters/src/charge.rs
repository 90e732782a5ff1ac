//! What a call adds to its counters, and what a store answers.

use crate::reservation::Reservation;
use crate::{CounterKey, Window};

/// One call, or one whole unit of an amount, in micro-units.
pub const ONE: u64 = 1_000_000;

/// All that one call adds to one counter, and the limits it must stay within.
///
/// A call has at most one charge for a counter, however many of its limits name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The counter.
    pub key: CounterKey,
    /// Its window.
    pub window: Window,
    /// [`ONE`] where a limit counts calls, else 0; [`ONE`] for a counter of calls in flight.
    pub count_micros: u64,
    /// The sum of the different amounts, apart from the count because it is given back apart.
    pub amount_micros: u64,
    /// The most that each limit allows, in micro-units.
    pub limits: Vec<u64>,
}

impl Charge {
    /// Count and amounts together.
    pub(crate) fn total_micros(&self) -> u128 {
        u128::from(self.count_micros) + u128::from(self.amount_micros)
    }
}

/// A limit that a call would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Which charge of the call.
    pub charge: usize,
    /// Which limit of that charge.
    pub limit: usize,
    /// What the counter held before the call.
    pub used_micros: u64,
    /// After how many milliseconds the same call would fit, if nothing else were admitted; none
    /// where it never would, and for calls in flight, whose ends nobody knows.
    pub retry_after_ms: Option<u64>,
}

/// What became of a reservation.
#[derive(Debug)]
pub enum ReserveOutcome {
    /// Everything was taken.
    Reserved(Reservation),
    /// Nothing was taken: these limits, all there are, would be exceeded.
    Exceeded(Vec<Exceeded>),
    /// Nothing was taken: a calendar window does not contain the store's time. Work out the
    /// windows for that time and ask again.
    WindowPassed {
        /// The store's time.
        now_ms: i64,
    },
    /// Nothing was taken: the store keeps no more counters, of this account or at all.
    Full,
}

/// How a reservation would have gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeekOutcome {
    /// It would fit.
    Fits,
    /// These limits would be exceeded.
    Exceeded(Vec<Exceeded>),
    /// A calendar window does not contain the store's time.
    WindowPassed {
        /// The store's time.
        now_ms: i64,
    },
}
