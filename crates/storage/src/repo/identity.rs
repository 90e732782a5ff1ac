//! People as a provider of sign-ins knows them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Identity, IdentityId, UserId};

use crate::StorageError;

/// Reads identities.
#[async_trait]
pub trait ReadIdentities {
    /// The identity that a provider speaks of.
    async fn find_identity(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StorageError>;

    /// The identities of a user, the oldest first. There are few of them.
    async fn list_identities(&self, user_id: UserId) -> Result<Vec<Identity>, StorageError>;
}

/// Writes identities.
#[async_trait]
pub trait WriteIdentities {
    /// Links an identity to its user; [`StorageError::NotFound`] without the user. Conflict:
    /// `identities_issuer_subject_key`.
    async fn create_identity(&mut self, identity: &Identity) -> Result<(), StorageError>;

    /// Notes that somebody signed in; [`StorageError::NotFound`] when it is not there any more.
    async fn use_identity(&mut self, id: IdentityId, at: DateTime<Utc>) -> Result<(), StorageError>;

    /// Removes an identity; [`StorageError::NotFound`] when it is somebody else's.
    async fn delete_identity(&mut self, user_id: UserId, id: IdentityId) -> Result<(), StorageError>;
}
