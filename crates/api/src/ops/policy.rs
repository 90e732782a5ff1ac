//! Policies, as they go over the wire and come from it.

use std::collections::HashMap;

use ostiary_model::{
    Account, AccountId, Binding, Grant, GrantId, Policy as StoredPolicy, PolicyId, PolicyVersion, ServerId, Slug,
};
use ostiary_storage::PageRequest;

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

/// What answers about several policies look up once.
#[derive(Debug)]
pub struct PolicyWriter<'a> {
    state: &'a ApiState,
    account: &'a Account,
    slugs: HashMap<ServerId, Slug>,
    bound: HashMap<PolicyId, i64>,
}

impl<'a> PolicyWriter<'a> {
    /// For policies of one account.
    ///
    /// # Errors
    ///
    /// As the store.
    pub async fn new(state: &'a ApiState, account: &'a Account) -> Result<Self, ApiError> {
        let bound = bound_grants(state, account.id).await?;
        Ok(Self { state, account, slugs: HashMap::new(), bound })
    }

    /// A policy, as it goes over the wire.
    ///
    /// # Errors
    ///
    /// As the store; [`ApiError::NotFound`] when its server is being removed.
    pub async fn policy(&mut self, policy: StoredPolicy) -> Result<Policy, ApiError> {
        Ok(Policy {
            id: policy.id,
            server_id: policy.server_id,
            server_slug: self.slug(policy.server_id).await?,
            name: policy.name,
            version: policy.version.number,
            document: document::value(&policy.version.document),
            text: policy.version.document,
            created_at: policy.created_at,
            updated_at: policy.version.created_at,
            updated_by: policy.version.created_by,
            bound_grants: self.bound.get(&policy.id).copied().unwrap_or_default(),
        })
    }

    async fn slug(&mut self, id: ServerId) -> Result<Slug, ApiError> {
        if let Some(slug) = self.slugs.get(&id) {
            return Ok(slug.clone());
        }
        let server = self.state.store.get_server(self.account.id, id).await?.ok_or(ApiError::NotFound)?;
        self.slugs.insert(id, server.slug.clone());
        Ok(server.slug)
    }
}

/// For how many grants that are not revoked each policy decides.
async fn bound_grants(state: &ApiState, account_id: AccountId) -> Result<HashMap<PolicyId, i64>, ApiError> {
    let mut bound = HashMap::new();
    for grant in all_grants(state, account_id).await?.iter().filter(|grant| grant.revoked_at.is_none()) {
        for id in grant.bindings.iter().filter_map(|binding| binding.policy_id) {
            *bound.entry(id).or_default() += 1;
        }
    }
    Ok(bound)
}

/// Bindings to a policy that nothing is decided by any more, since their grants are revoked.
///
/// # Errors
///
/// As the store.
pub async fn dead_bindings(
    state: &ApiState,
    account_id: AccountId,
    id: PolicyId,
) -> Result<Vec<(GrantId, Binding)>, ApiError> {
    let grants = all_grants(state, account_id).await?;
    let revoked = grants.into_iter().filter(|grant| grant.revoked_at.is_some());
    let bindings = revoked.flat_map(|grant| grant.bindings.into_iter().map(move |binding| (grant.id, binding)));
    Ok(bindings.filter(|(_, binding)| binding.policy_id == Some(id)).collect())
}

async fn all_grants(state: &ApiState, account_id: AccountId) -> Result<Vec<Grant>, ApiError> {
    let mut grants = Vec::new();
    let mut after: Option<GrantId> = None;
    loop {
        let page = state.store.list_grants(account_id, PageRequest { limit: 200, after }).await?;
        after = page.items.last().map(|last| last.id);
        grants.extend(page.items);
        if !page.has_more {
            return Ok(grants);
        }
    }
}
