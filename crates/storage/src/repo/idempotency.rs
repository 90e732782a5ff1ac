//! Idempotency keys: writes that callers may repeat.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::AccountId;

use crate::StorageError;

/// Whose key it is, and which request it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The account that is written to.
    pub account_id: AccountId,
    /// The user or API key that writes, as text of its id.
    pub caller: String,
    /// SHA-256 of the key that the caller chose.
    pub key_hash: [u8; 32],
    /// SHA-256 of the operation and its body.
    pub request_hash: [u8; 32],
}

impl IdempotencyKey {
    /// SECURITY: what an answer is sealed for, so that it opens for this key and in no other row.
    #[must_use]
    pub fn place(&self) -> Vec<u8> {
        [self.account_id.as_uuid().as_bytes(), self.caller.as_bytes(), &self.key_hash, &self.request_hash].concat()
    }
}

/// A key that a request holds, until it is answered, released, or taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedKey {
    /// The key.
    pub key: IdempotencyKey,
    /// Which claim of the key it is: whoever takes it over has a higher number.
    pub number: i64,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing that counts: it is the caller's now, under this number.
    Fresh(i64),
    /// It stands for another request.
    OtherRequest,
    /// The request is under way.
    Pending,
    /// The request wrote something and ended without an answer.
    Written,
    /// The answer, as it was given to `answer_idempotency_key`.
    Answered(Vec<u8>),
}

/// From when to when a claim holds.
#[derive(Clone, Copy, Debug)]
pub struct ClaimTimes {
    /// Now.
    pub now: DateTime<Utc>,
    /// Who claimed the key then or earlier, and has neither written nor been answered, is taken for gone.
    pub gone_since: DateTime<Utc>,
    /// When the key is forgotten.
    pub expires_at: DateTime<Utc>,
}

/// Writes idempotency keys.
#[async_trait]
pub trait WriteIdempotencyKeys {
    /// Claims a key, of which one of many at the same time gets it. Keys of the account that have expired are removed
    /// first.
    async fn claim_idempotency_key(&mut self, key: &IdempotencyKey, times: ClaimTimes) -> Result<Claim, StorageError>;

    /// Notes, together with the writes of this transaction, that the request of a claimed key has written;
    /// [`StorageError::Stale`] when somebody else has taken the key over, who will do the same.
    async fn mark_idempotency_key(&mut self, claimed: &ClaimedKey) -> Result<(), StorageError>;

    /// Keeps the answer to the request of a claimed key; nothing when the key is gone, or somebody else's.
    async fn answer_idempotency_key(&mut self, claimed: &ClaimedKey, answer: &[u8]) -> Result<(), StorageError>;

    /// Ends the request of a claimed key without an answer: if nothing was written the key is as if it had never been
    /// used, otherwise it is known that nobody will answer.
    async fn release_idempotency_key(&mut self, claimed: &ClaimedKey) -> Result<(), StorageError>;
}
