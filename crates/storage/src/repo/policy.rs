//! Policies and their versions.

use async_trait::async_trait;
use ostiary_model::{AccountId, Name, Policy, PolicyId, PolicyVersion, ServerId, Slug};

use crate::{Page, PageRequest, StorageError};

/// What is said of a policy beside itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyUse {
    /// Whose it is.
    pub id: PolicyId,
    /// The slug of its server.
    pub server_slug: Slug,
    /// For how many grants that are not revoked it decides.
    pub bound_grants: i64,
}

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

    /// How policies are used, in no order, with one statement for all; those that there are not are left out.
    async fn list_policy_uses(&self, account_id: AccountId, ids: &[PolicyId]) -> Result<Vec<PolicyUse>, StorageError>;

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

    /// The number of the newest version. Nobody else changes the policy until the transaction ends.
    async fn lock_policy(&mut self, account_id: AccountId, id: PolicyId) -> Result<Option<i64>, StorageError>;

    /// Changes the name. Conflict: `policies_server_id_name_key`.
    async fn rename_policy(&mut self, account_id: AccountId, id: PolicyId, name: &Name) -> Result<(), StorageError>;

    /// Removes a policy with its versions. Conflict: `bindings_policy_id_fkey` while a grant is bound to it that is not
    /// revoked. Bindings of revoked grants are without a policy from then on, and the revisions of these grants raised:
    /// they cannot be bound to another, and must not hold on to this one for ever.
    async fn delete_policy(&mut self, account_id: AccountId, id: PolicyId) -> Result<(), StorageError>;
}
