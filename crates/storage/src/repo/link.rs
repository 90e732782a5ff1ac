//! Links that were sent to users.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{LinkPurpose, UserId};

use crate::StorageError;

/// Writes links. Each works once, and the newest of a user and purpose only.
#[async_trait]
pub trait WriteLinks {
    /// Adds a link with the SHA-256 of its token, in place of an older one.
    async fn create_link(
        &mut self,
        user_id: UserId,
        purpose: LinkPurpose,
        hash: &[u8; 32],
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Uses a link up; answers whose it was, unless it has expired at `now`, or is none.
    async fn take_link(
        &mut self,
        purpose: LinkPurpose,
        hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<UserId>, StorageError>;
}
