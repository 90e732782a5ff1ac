//! Counters of calls and amounts: what a limit of a policy is measured by.
//!
//! A call names every counter it adds to as a [`Charge`]; a store takes all of them or none, by
//! one value of its clock, and answers with a [`Reservation`] that can be given back once.
//! Windows and their arithmetic are in [`window`]; [`MemoryCounters`] is the store of one process.
//!
//! Nothing here reads a clock, waits, or knows of policies, accounts' data or storage: times come
//! in as whole milliseconds since the Unix epoch, amounts as micro-units, and what must outlive
//! the process leaves as [`SlotChange`]s.
//!
//! To add a kind of window: a variant of [`Window`] and of [`Span`], its arm in `counter.rs`, and
//! its cases in `contract/`. To add a store: implement `contract::Subject` for it in its tests and
//! stamp the cases out with `counter_contract!`.
#![warn(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod charge;
#[cfg(feature = "contract")]
#[cfg_attr(not(test), expect(clippy::panic, reason = "the cases are tests"))]
pub mod contract;
mod counter;
pub mod key;
pub mod memory;
pub mod reservation;
pub mod slot;
pub mod window;

pub use charge::{Charge, Exceeded, ONE, PeekOutcome, ReserveOutcome};
pub use key::{CounterKey, KeyError, Scope, Span};
pub use memory::{Capacity, MemoryCounters};
pub use reservation::{Release, Reservation};
pub use slot::{SlotChange, SlotState};
pub use window::Window;
