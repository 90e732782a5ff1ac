//! Second factors: codes of an app, and codes to fall back on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::UserId;

use crate::StorageError;

/// The app of a user that makes codes.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredTotp {
    /// The secret, sealed.
    pub sealed: Vec<u8>,
    /// When a code has shown that the app has the secret. It asks for nothing before.
    pub confirmed_at: Option<DateTime<Utc>>,
}

// SECURITY: not even the sealed secret is printed.
impl std::fmt::Debug for StoredTotp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredTotp").field("confirmed_at", &self.confirmed_at).finish_non_exhaustive()
    }
}

/// Reads second factors.
#[async_trait]
pub trait ReadSecondFactors {
    /// The app of a user.
    async fn get_totp(&self, user_id: UserId) -> Result<Option<StoredTotp>, StorageError>;

    /// How many recovery codes a user has left.
    async fn count_recovery_codes(&self, user_id: UserId) -> Result<u64, StorageError>;
}

/// Writes second factors.
#[async_trait]
pub trait WriteSecondFactors {
    /// Adds an app that is not confirmed, in place of another one that is not;
    /// [`StorageError::NotFound`] when the user has a confirmed one, or is not there.
    async fn put_totp(&mut self, user_id: UserId, sealed: &[u8]) -> Result<(), StorageError>;

    /// Confirms the app that is there; [`StorageError::NotFound`] without one that is not confirmed yet.
    async fn confirm_totp(&mut self, user_id: UserId, at: DateTime<Utc>) -> Result<(), StorageError>;

    /// Takes the code of a time step; answers whether it is later than the last one that was taken.
    async fn take_totp_step(&mut self, user_id: UserId, step: i64) -> Result<bool, StorageError>;

    /// Removes the app, the passkeys and the recovery codes; answers whether there was an app or a passkey.
    async fn delete_second_factors(&mut self, user_id: UserId) -> Result<bool, StorageError>;

    /// Gives a user recovery codes, by their SHA-256, in place of those that are left.
    async fn replace_recovery_codes(&mut self, user_id: UserId, hashes: &[[u8; 32]]) -> Result<(), StorageError>;

    /// Uses a recovery code up; answers whether it was one.
    async fn take_recovery_code(&mut self, user_id: UserId, hash: &[u8; 32]) -> Result<bool, StorageError>;
}
