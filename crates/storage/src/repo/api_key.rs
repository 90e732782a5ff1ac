//! API keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, ApiKey, ApiKeyId, Role, UserId};

use crate::{Page, PageRequest, StorageError};

/// A key with its account.
#[derive(Clone, Debug)]
pub struct ApiKeyMatch {
    /// The key. A revoked or expired one is found too; the caller looks.
    pub key: ApiKey,
    /// The account it opens.
    pub account: Account,
}

/// Reads API keys.
#[async_trait]
pub trait ReadApiKeys {
    /// The key with this SHA-256.
    async fn find_api_key_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiKeyMatch>, StorageError>;

    /// The key; a revoked or expired one too.
    async fn get_api_key(&self, account_id: AccountId, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError>;

    /// Keys that are not revoked, the newest first.
    async fn list_api_keys(
        &self,
        account_id: AccountId,
        page: PageRequest<ApiKeyId>,
    ) -> Result<Page<ApiKey>, StorageError>;
}

/// Writes API keys.
#[async_trait]
pub trait WriteApiKeys {
    /// Adds a key with the SHA-256 of its secret. Conflict: `api_keys_hash_key`.
    async fn create_api_key(&mut self, key: &ApiKey, hash: &[u8; 32]) -> Result<(), StorageError>;

    /// Revokes a key; revoking it twice keeps the first time.
    async fn revoke_api_key(
        &mut self,
        account_id: AccountId,
        id: ApiKeyId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Revokes the keys that a user minted and that are not revoked yet; only those with one of `roles`. Answers how
    /// many.
    async fn revoke_api_keys_of(
        &mut self,
        account_id: AccountId,
        user_id: UserId,
        roles: &[Role],
        at: DateTime<Utc>,
    ) -> Result<u64, StorageError>;

    /// Notes that a key was used; the latest time stays.
    async fn touch_api_key(
        &mut self,
        account_id: AccountId,
        id: ApiKeyId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}
