//! Policies, as they go over the wire and come from it.

use std::collections::HashMap;

use ostiary_model::{AccountId, Policy as StoredPolicy, PolicyId, PolicyVersion};
use ostiary_storage::PolicyUse;

use crate::dto::policy::Policy;
use crate::error::ApiError;
use crate::ops::document;
use crate::state::ApiState;

/// The policy of an id, in the caller's account.
///
/// # Errors
///
/// [`ApiError::NotFound`] when it is not there.
pub async fn get(state: &ApiState, account_id: AccountId, id: PolicyId) -> Result<StoredPolicy, ApiError> {
    state.store.get_policy(account_id, id).await?.ok_or(ApiError::NotFound)
}

/// One version of a policy.
///
/// # Errors
///
/// [`ApiError::NotFound`] when it is not there.
pub async fn get_version(
    state: &ApiState,
    account_id: AccountId,
    id: PolicyId,
    number: i64,
) -> Result<PolicyVersion, ApiError> {
    state.store.get_policy_version(account_id, id, number).await?.ok_or(ApiError::NotFound)
}

/// A policy, as it goes over the wire.
///
/// # Errors
///
/// As the store; [`ApiError::NotFound`] when it is being removed.
pub async fn policy(state: &ApiState, policy: StoredPolicy) -> Result<Policy, ApiError> {
    policies(state, policy.account_id, vec![policy]).await?.pop().ok_or(ApiError::NotFound)
}

/// Policies of one account, as they go over the wire, in their order; without those that are being removed.
///
/// # Errors
///
/// As the store.
pub async fn policies(
    state: &ApiState,
    account_id: AccountId,
    policies: Vec<StoredPolicy>,
) -> Result<Vec<Policy>, ApiError> {
    let ids: Vec<PolicyId> = policies.iter().map(|policy| policy.id).collect();
    let uses = state.store.list_policy_uses(account_id, &ids).await?;
    let mut uses: HashMap<PolicyId, PolicyUse> = uses.into_iter().map(|used| (used.id, used)).collect();
    let written = policies.into_iter().filter_map(|policy| {
        let used = uses.remove(&policy.id)?;
        Some(Policy {
            id: policy.id,
            server_id: policy.server_id,
            server_slug: used.server_slug,
            name: policy.name,
            version: policy.version.number,
            document: document::value(&policy.version.document),
            text: policy.version.document,
            created_at: policy.created_at,
            updated_at: policy.version.created_at,
            updated_by: policy.version.created_by,
            bound_grants: used.bound_grants,
        })
    });
    Ok(written.collect())
}
