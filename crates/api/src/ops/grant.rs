//! Grants, as they go over the wire and come from it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ostiary_edge::FieldError;
use ostiary_model::{Account, AccountId, Binding, Grant as StoredGrant, GrantId, Name, PolicyId, ServerId, Slug};

use ostiary_storage::Transaction;

use crate::dto::grant::{Binding as BindingDto, Grant, GrantStatus};
use crate::error::ApiError;
use crate::extract::IfMatch;
use crate::state::ApiState;

/// The grant of an id, in the caller's account.
///
/// # Errors
///
/// [`ApiError::NotFound`] when it is not there.
pub async fn get(state: &ApiState, account_id: AccountId, id: GrantId) -> Result<StoredGrant, ApiError> {
    state.store.get_grant(account_id, id).await?.ok_or(ApiError::NotFound)
}

/// The same, for a change: a revoked grant stays as it is.
///
/// # Errors
///
/// [`ApiError::NotFound`] when it is not there or revoked.
pub async fn get_live(state: &ApiState, account_id: AccountId, id: GrantId) -> Result<StoredGrant, ApiError> {
    let grant = get(state, account_id, id).await?;
    if grant.revoked_at.is_some() { Err(ApiError::NotFound) } else { Ok(grant) }
}

/// Has a change go on only while the grant is as the caller saw it, when they said how that was: whoever changed it
/// meanwhile, even now, makes the change fail.
///
/// # Errors
///
/// [`ApiError::StaleVersion`] when the grant is another one.
pub async fn hold(transaction: &mut dyn Transaction, if_match: &IfMatch, grant: &StoredGrant) -> Result<(), ApiError> {
    if_match.check(grant.revision)?;
    if if_match.names_version() {
        // Replaces it by itself, at the same revision.
        transaction.update_grant(grant).await?;
    }
    Ok(())
}

/// Names of servers and policies, each looked up once for an answer.
#[derive(Debug)]
pub struct GrantWriter<'a> {
    state: &'a ApiState,
    account: &'a Account,
    slugs: HashMap<ServerId, Option<Slug>>,
    names: HashMap<PolicyId, Option<Name>>,
}

impl<'a> GrantWriter<'a> {
    /// For grants of one account.
    #[must_use]
    pub fn new(state: &'a ApiState, account: &'a Account) -> Self {
        Self { state, account, slugs: HashMap::new(), names: HashMap::new() }
    }

    /// A grant, as it goes over the wire.
    ///
    /// # Errors
    ///
    /// As the store.
    pub async fn grant(&mut self, grant: StoredGrant) -> Result<Grant, ApiError> {
        let mut bindings = Vec::with_capacity(grant.bindings.len());
        for binding in &grant.bindings {
            // A server that is removed takes its bindings along; one that goes just now is left out.
            let Some(server_slug) = self.slug(binding.server_id).await? else { continue };
            let policy_name = match binding.policy_id {
                Some(id) => self.name(id).await?,
                None => None,
            };
            bindings.push(BindingDto {
                server_id: binding.server_id,
                gateway_url: self.state.gateway_url(&self.account.slug, Some(&server_slug)),
                server_slug,
                policy_id: binding.policy_id,
                policy_name,
                mode: binding.mode,
            });
        }
        Ok(Grant {
            status: status(&grant, self.state.clock.now()),
            id: grant.id,
            label: grant.label,
            token_hint: grant.token_hint.into(),
            bindings,
            metadata: grant.metadata,
            expires_at: grant.expires_at,
            revoked_at: grant.revoked_at,
            last_used_at: grant.last_used_at,
            created_at: grant.created_at,
        })
    }

    async fn slug(&mut self, id: ServerId) -> Result<Option<Slug>, ApiError> {
        if let Some(slug) = self.slugs.get(&id) {
            return Ok(slug.clone());
        }
        let slug = self.state.store.get_server(self.account.id, id).await?.map(|server| server.slug);
        self.slugs.insert(id, slug.clone());
        Ok(slug)
    }

    async fn name(&mut self, id: PolicyId) -> Result<Option<Name>, ApiError> {
        if let Some(name) = self.names.get(&id) {
            return Ok(name.clone());
        }
        let name = self.state.store.get_policy(self.account.id, id).await?.map(|policy| policy.name);
        self.names.insert(id, name.clone());
        Ok(name)
    }
}

fn status(grant: &StoredGrant, now: DateTime<Utc>) -> GrantStatus {
    if grant.revoked_at.is_some() {
        GrantStatus::Revoked
    } else if grant.expires_at.is_some_and(|at| at <= now) {
        GrantStatus::Expired
    } else {
        GrantStatus::Active
    }
}

/// Checks that a binding's server and policy are there, in this account, and belong together.
///
/// # Errors
///
/// As the store; what is wrong with the binding is put into `errors`, at pointers below `base`.
pub async fn check_binding(
    state: &ApiState,
    account_id: AccountId,
    binding: &Binding,
    base: &str,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    if state.store.get_server(account_id, binding.server_id).await?.is_none() {
        errors.push(FieldError::new(format!("{base}/server_id"), "not_found", "there is no such server"));
    }
    if let Some(id) = binding.policy_id {
        let pointer = format!("{base}/policy_id");
        match state.store.get_policy(account_id, id).await? {
            None => errors.push(FieldError::new(pointer, "not_found", "there is no such policy")),
            Some(policy) if policy.server_id != binding.server_id => {
                errors.push(FieldError::new(pointer, "other_server", "is written for another server"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Checks that a time at which something ends is still to come.
///
/// # Errors
///
/// 422 at `/expires_at`.
pub fn check_expiry(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), ApiError> {
    match expires_at {
        Some(at) if at <= now => Err(ApiError::invalid("/expires_at", "in_the_past", "must be in the future")),
        _ => Ok(()),
    }
}
