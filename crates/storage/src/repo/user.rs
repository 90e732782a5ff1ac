//! Users.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Email, User, UserId};

use crate::StorageError;

/// A user with the hash of the password.
#[derive(Clone)]
pub struct StoredUser {
    /// The user.
    pub user: User,
    /// The password's hash as a PHC string.
    pub password_hash: String,
}

// SECURITY: the hash is not printed.
impl std::fmt::Debug for StoredUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredUser").field("id", &self.user.id).finish_non_exhaustive()
    }
}

/// Reads users.
#[async_trait]
pub trait ReadUsers {
    /// The user with the address.
    async fn find_user_by_email(&self, email: &Email) -> Result<Option<StoredUser>, StorageError>;

    /// The user.
    async fn get_user(&self, id: UserId) -> Result<Option<StoredUser>, StorageError>;
}

/// Writes users.
#[async_trait]
pub trait WriteUsers {
    /// Adds a user. Conflict: `users_email_key`.
    async fn create_user(&mut self, user: &StoredUser) -> Result<(), StorageError>;

    /// Replaces the hash of the password (a newer scheme, or a new password).
    async fn update_password_hash(&mut self, id: UserId, password_hash: &str) -> Result<(), StorageError>;

    /// Notes that mail to the address reaches the user.
    async fn verify_email(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StorageError>;
}
