//! Grants, their bindings and tokens.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Binding, Grant, GrantId, ServerId};

use crate::{Page, PageRequest, StorageError};

/// Reads grants.
#[async_trait]
pub trait ReadGrants {
    /// The grant; a revoked one too.
    async fn get_grant(&self, account_id: AccountId, id: GrantId) -> Result<Option<Grant>, StorageError>;

    /// Grants, the newest first; revoked ones too.
    async fn list_grants(&self, account_id: AccountId, page: PageRequest<GrantId>)
    -> Result<Page<Grant>, StorageError>;
}

/// Writes grants. Bindings to a server or policy that is not of the account, or to a policy of another server, are
/// [`StorageError::NotFound`]. Every change but `touch_grants` raises the revision by one.
#[async_trait]
pub trait WriteGrants {
    /// Adds a grant with its bindings and the SHA-256 of its token. Conflict: `grant_tokens_token_hash_key`.
    async fn create_grant(&mut self, grant: &Grant, token_hash: &[u8; 32]) -> Result<(), StorageError>;

    /// Replaces label, expiry and metadata, when the stored revision is still `grant.revision`, and raises that by
    /// one; otherwise [`StorageError::Stale`].
    async fn update_grant(&mut self, grant: &Grant) -> Result<(), StorageError>;

    /// Adds or replaces the binding to one server.
    async fn put_binding(&mut self, account_id: AccountId, id: GrantId, binding: &Binding) -> Result<(), StorageError>;

    /// Removes the binding to one server.
    async fn delete_binding(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        server_id: ServerId,
    ) -> Result<(), StorageError>;

    /// Gives the grant a new token; the ones it had stop working at `old_until`, unless they stop before.
    /// Conflict: `grant_tokens_token_hash_key`.
    async fn rotate_token(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        token_hash: &[u8; 32],
        token_hint: &str,
        old_until: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Revokes the grant; revoking it twice keeps the first time.
    async fn revoke_grant(&mut self, account_id: AccountId, id: GrantId, at: DateTime<Utc>)
    -> Result<(), StorageError>;

    /// Notes that grants were used, the latest time of each; grants that are not there are passed over.
    async fn touch_grants(&mut self, used: &[(AccountId, GrantId, DateTime<Utc>)]) -> Result<(), StorageError>;
}
