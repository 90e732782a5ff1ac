//! Policies and their versions.

use async_trait::async_trait;
use ostiary_model::{AccountId, Name, Policy, PolicyId, PolicyVersion, ServerId};

use crate::{Page, PageRequest, StorageError};

/// Reads policies.
#[async_trait]
pub trait ReadPolicies {
    /// The policy at its newest version.
    async fn get_policy(&self, account_id: AccountId, id: PolicyId) -> Result<Option<Policy>, StorageError>;

    /// Policies at their newest versions, the newest policy first; of one server, if one is given.
    async fn list_policies(
        &self,
        account_id: AccountId,
        server_id: Option<ServerId>,
        page: PageRequest<PolicyId>,
    ) -> Result<Page<Policy>, StorageError>;

    /// One version.
    async fn get_policy_version(
        &self,
        account_id: AccountId,
        id: PolicyId,
        number: i64,
    ) -> Result<Option<PolicyVersion>, StorageError>;

    /// Versions, the newest first.
    async fn list_policy_versions(
        &self,
        account_id: AccountId,
        id: PolicyId,
        page: PageRequest<i64>,
    ) -> Result<Page<PolicyVersion>, StorageError>;
}

/// Writes policies.
#[async_trait]
pub trait WritePolicies {
    /// Adds a policy with its first version. Conflict: `policies_server_id_name_key`;
    /// [`StorageError::NotFound`] when the server is not one of the account.
    async fn create_policy(&mut self, policy: &Policy) -> Result<(), StorageError>;

    /// Adds the next version, when the newest is still `version.number - 1`; otherwise [`StorageError::Stale`].
    async fn create_policy_version(
        &mut self,
        account_id: AccountId,
        id: PolicyId,
        version: &PolicyVersion,
    ) -> Result<(), StorageError>;

    /// Changes the name. Conflict: `policies_server_id_name_key`.
    async fn rename_policy(&mut self, account_id: AccountId, id: PolicyId, name: &Name) -> Result<(), StorageError>;

    /// Removes a policy with its versions. Conflict: `bindings_policy_id_fkey` while a grant is bound to it.
    async fn delete_policy(&mut self, account_id: AccountId, id: PolicyId) -> Result<(), StorageError>;
}
