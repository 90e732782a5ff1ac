//! Accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Slug};

use crate::StorageError;

/// Reads accounts.
#[async_trait]
pub trait ReadAccounts {
    /// The account.
    async fn get_account(&self, id: AccountId) -> Result<Option<Account>, StorageError>;

    /// The account with the slug.
    async fn find_account_by_slug(&self, slug: &Slug) -> Result<Option<Account>, StorageError>;

    /// Accounts whose time to go has come at `now`, at most `limit` of them.
    async fn list_accounts_to_delete(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AccountId>, StorageError>;
}

/// Writes accounts.
#[async_trait]
pub trait WriteAccounts {
    /// Adds an account. Conflict: `accounts_slug_key`.
    async fn create_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// The account. Nobody else changes it until the transaction ends.
    async fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError>;

    /// Changes the name.
    async fn update_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// Sets or clears the time at which the account goes. Its grants open nothing from then on until it is cleared.
    async fn set_account_deletion(
        &mut self,
        id: AccountId,
        delete_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Removes decisions of an account, at most `limit` of them, so that no statement takes long; answers how many.
    async fn delete_decisions(&mut self, id: AccountId, limit: u32) -> Result<u64, StorageError>;

    /// Removes an account whose time to go has come at `now`, with everything in it but decisions, and the users who
    /// are members of no other one. [`StorageError::NotFound`] for an account whose time has not come.
    async fn delete_account(&mut self, id: AccountId, now: DateTime<Utc>) -> Result<(), StorageError>;
}
