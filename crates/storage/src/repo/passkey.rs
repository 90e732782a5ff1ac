//! Passkeys, and ceremonies that have begun.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Label, PasskeyId, UserId};

use crate::StorageError;

/// A passkey of a user. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Its id.
    pub id: PasskeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: Label,
    /// What browsers call it by; one of a kind.
    pub credential_id: Vec<u8>,
    /// Its public key and its counter, as JSON.
    pub credential: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a browser was asked.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// Its id.
    pub id: PasskeyId,
    /// Of whom it was asked.
    pub user_id: UserId,
    /// What the answer is compared with.
    pub state: String,
    /// When it is too late to answer.
    pub expires_at: DateTime<Utc>,
}

/// Reads passkeys.
#[async_trait]
pub trait ReadPasskeys {
    /// The passkeys of a user, the oldest first. There are few of them.
    async fn list_passkeys(&self, user_id: UserId) -> Result<Vec<StoredPasskey>, StorageError>;
}

/// Writes passkeys.
#[async_trait]
pub trait WritePasskeys {
    /// Adds a passkey; [`StorageError::NotFound`] without its user. Conflict: `passkeys_credential_id_key`.
    async fn create_passkey(&mut self, passkey: &StoredPasskey) -> Result<(), StorageError>;

    /// Notes that a passkey was used, and its counter; [`StorageError::NotFound`] when it is not there any more.
    async fn use_passkey(
        &mut self,
        user_id: UserId,
        id: PasskeyId,
        credential: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Removes a passkey; [`StorageError::NotFound`] when it is somebody else's.
    async fn delete_passkey(&mut self, user_id: UserId, id: PasskeyId) -> Result<(), StorageError>;

    /// Notes what a browser was asked; [`StorageError::NotFound`] without its user.
    async fn begin_ceremony(&mut self, ceremony: &Ceremony) -> Result<(), StorageError>;

    /// Takes away what a browser was asked, if it is not too late at `now`: it is answered once. Answers the state.
    async fn take_ceremony(
        &mut self,
        user_id: UserId,
        id: PasskeyId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StorageError>;
}
