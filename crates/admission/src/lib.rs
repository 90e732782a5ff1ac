//! The one step before a call is forwarded: it is fresh, it has its share of every limit, and its record is durable.
//!
//! [`Admission`] is that step as a trait; [`EmbeddedAdmission`] takes it inside one process, with counters in memory and
//! group commits to a [`DecisionLog`]; [`RedisAdmission`] for many replicas, with one script and one round trip. What may be
//! forwarded is a [`Permit`], which nothing else makes. [`Epochs`] say whether what decided a call is still the newest, and
//! [`plan`] turns a policy's limits into charges on counters.
//!
//! Nothing here decides by rules, speaks a protocol or knows a database. To add a backend: implement [`Admission`], and
//! [`Settle`](permit::Settle) for what it holds for a call in flight.
//!
//! [`DecisionLog`]: ostiary_storage::DecisionLog
#![warn(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]

pub mod admission;
#[cfg(feature = "contract")]
#[cfg_attr(not(test), expect(clippy::panic, clippy::expect_used, reason = "the cases are tests"))]
pub mod contract;
pub mod embedded;
pub mod epoch;
pub mod permit;
pub mod plan;
mod quota;
pub mod redis;
mod refusal;
pub mod release;

pub use admission::{Admission, AdmissionError, AdmissionRequest, AdmitOutcome, FreshnessError, InFlightError};
pub use embedded::{EmbeddedAdmission, EmbeddedConfig};
pub use epoch::Epochs;
pub use ostiary_counters::Release;
pub use permit::{InFlight, Permit};
pub use plan::Identity;
pub use redis::{RedisAdmission, RedisConfig, RedisEpochs, RedisLink, RedisMailbox, Shared};
pub use release::{CallEnd, release_for};
