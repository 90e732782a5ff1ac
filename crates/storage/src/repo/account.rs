//! Accounts.

use async_trait::async_trait;
use ostiary_model::{Account, AccountId, Slug};

use crate::StorageError;

/// Reads accounts.
#[async_trait]
pub trait ReadAccounts {
    /// The account.
    async fn get_account(&self, id: AccountId) -> Result<Option<Account>, StorageError>;

    /// The account with the slug.
    async fn find_account_by_slug(&self, slug: &Slug) -> Result<Option<Account>, StorageError>;
}

/// Writes accounts.
#[async_trait]
pub trait WriteAccounts {
    /// Adds an account. Conflict: `accounts_slug_key`.
    async fn create_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// Changes the name.
    async fn update_account(&mut self, account: &Account) -> Result<(), StorageError>;
}
