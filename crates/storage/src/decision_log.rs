//! The log of decisions, as the path of a call writes it.

use async_trait::async_trait;
use ostiary_model::decision::{Decision, Ending};
use ostiary_model::{AccountId, DecisionId};

use crate::StorageError;

/// Takes the records of calls, and the counter slots that go with them.
#[async_trait]
pub trait DecisionLog: std::fmt::Debug + Send + Sync {
    /// Writes a batch in one transaction, durable when the method returns.
    ///
    /// A record whose id is there already is left as it is; an ending whose record is not there is passed over.
    async fn commit(&self, batch: &LogBatch) -> Result<(), StorageError>;

    /// The counter slots that still count at `now_ms`.
    async fn load_slots(&self, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError>;

    /// Removes slots that no longer count at `now_ms`; answers how many.
    async fn sweep_slots(&self, now_ms: i64) -> Result<u64, StorageError>;
}

/// What one transaction writes.
#[derive(Clone, Debug, Default)]
pub struct LogBatch {
    /// Records of calls that are about to be forwarded or were refused.
    pub decisions: Vec<Decision>,
    /// How earlier calls ended.
    pub endings: Vec<(AccountId, DecisionId, Ending)>,
    /// What calls took from counters, or gave back.
    pub slots: Vec<SlotDelta>,
}

/// What a call added to one slot of one counter, or gave back to it.
///
/// A difference and not a value, so that the order in which batches are written does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotDelta {
    /// The account of the counter.
    pub account_id: AccountId,
    /// The counter's key, unique within the account.
    pub key: String,
    /// The number of the slot.
    pub slot: i64,
    /// Added to the stored amount, which never goes below zero; in micro-units. A negative difference changes a slot
    /// that is there, and never makes one.
    pub delta_micros: i64,
    /// When the slot was last added to, in milliseconds since the Unix epoch; the later one stays.
    pub last_ms: i64,
    /// When the slot stops counting, in milliseconds since the Unix epoch; the later one stays.
    pub expires_ms: i64,
}

/// One slot of one counter: what was admitted in a short stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSlot {
    /// The account of the counter.
    pub account_id: AccountId,
    /// The counter's key, unique within the account.
    pub key: String,
    /// The number of the slot.
    pub slot: i64,
    /// What was admitted in it, in micro-units.
    pub amount_micros: i64,
    /// When it was last added to, in milliseconds since the Unix epoch.
    pub last_ms: i64,
    /// When it stops counting, in milliseconds since the Unix epoch.
    pub expires_ms: i64,
}
