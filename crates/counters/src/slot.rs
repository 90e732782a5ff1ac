//! Slots as they are kept outside of the process.

use crate::CounterKey;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotState {
    /// The counter.
    pub key: CounterKey,
    /// The number of the slot.
    pub slot: i64,
    /// What was admitted in it, in micro-units.
    pub amount_micros: u64,
    /// When it was last added to, in milliseconds since the Unix epoch.
    pub last_ms: i64,
    /// The first millisecond at which it does not count any more.
    pub expires_ms: i64,
}

/// How a slot was changed.
///
/// A difference, not a value: calls that change one slot may be written down in another order
/// than they were admitted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// The counter.
    pub key: CounterKey,
    /// The number of the slot.
    pub slot: i64,
    /// What was added, or, below zero, given back, in micro-units.
    pub delta_micros: i64,
    /// When it was added to.
    pub last_ms: i64,
    /// The first millisecond at which the slot does not count any more.
    pub expires_ms: i64,
}
