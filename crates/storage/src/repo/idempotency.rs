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

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: it is the caller's now, until it is answered, released, or expires.
    Fresh,
    /// It stands for another request.
    OtherRequest,
    /// The request is under way, or ended without an answer.
    Pending,
    /// The answer, as it was given to `answer_idempotency_key`.
    Answered(Vec<u8>),
}

/// Writes idempotency keys.
#[async_trait]
pub trait WriteIdempotencyKeys {
    /// Claims a key, of which one of many at the same time gets it. Keys of the account that have expired at `now` are
    /// removed first.
    async fn claim_idempotency_key(
        &mut self,
        key: &IdempotencyKey,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Claim, StorageError>;

    /// Keeps the answer to the request of a claimed key; nothing when the key is gone.
    async fn answer_idempotency_key(&mut self, key: &IdempotencyKey, answer: &[u8]) -> Result<(), StorageError>;

    /// Lets go of a claimed key that has no answer: nothing was written.
    async fn release_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<(), StorageError>;
}
