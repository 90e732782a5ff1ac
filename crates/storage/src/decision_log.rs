//! The log of decisions, as the path of a call writes it.

use async_trait::async_trait;
use ostiary_model::decision::{Decision, Ending};
use ostiary_model::{AccountId, DecisionId};

use crate::StorageError;

/// Takes the records of calls. Batches are all or none, and durable when the method returns.
#[async_trait]
pub trait DecisionLog: std::fmt::Debug + Send + Sync {
    /// Appends records, and sets the counter slots that their calls changed.
    ///
    /// A record whose id is there already is left as it is: appending twice is appending once.
    async fn append(&self, batch: &[Append]) -> Result<(), StorageError>;

    /// Writes how calls ended, and sets the counter slots that their ends changed.
    async fn settle(&self, batch: &[Settlement]) -> Result<(), StorageError>;

    /// The counter slots that still count at `now_ms`; older ones are forgotten.
    async fn load_slots(&self, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError>;

    /// Removes slots that no longer count at `now_ms`, a bounded number at a time; answers how many.
    async fn sweep_slots(&self, now_ms: i64) -> Result<u64, StorageError>;
}

/// One record with the slots its call changed.
#[derive(Clone, Debug)]
pub struct Append {
    /// The record.
    pub decision: Decision,
    /// The slots, with their values after the call.
    pub slots: Vec<StoredSlot>,
}

/// The end of one call, with the slots that were given back.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The account of the record.
    pub account_id: AccountId,
    /// The record.
    pub decision_id: DecisionId,
    /// How the call ended.
    pub ending: Ending,
    /// The slots, with their values after the release.
    pub slots: Vec<StoredSlot>,
}

/// One slot of one counter: what was admitted in a short stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSlot {
    /// The counter's key.
    pub key: [u8; 16],
    /// The number of the slot.
    pub slot: i64,
    /// What was admitted in it, in micro-units.
    pub amount_micros: i64,
    /// When it was last added to, in milliseconds since the Unix epoch.
    pub last_ms: i64,
    /// When it stops counting, in milliseconds since the Unix epoch.
    pub expires_ms: i64,
}
