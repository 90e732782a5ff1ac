//! How objects look in audit events: what people can set of them, without secrets.

use std::collections::BTreeMap;

use ostiary_model::{Account, ApiKey, Binding, Grant, Invitation, Policy, Server, Tool, UpstreamAuth};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ops::tool::hex;

/// An account.
#[must_use]
pub fn account(account: &Account) -> Value {
    json!({ "slug": account.slug.as_str(), "name": account.name.as_str(), "plan": account.plan.as_str(), "delete_at": account.delete_at })
}

/// An invitation, without its link.
#[must_use]
pub fn invitation(invitation: &Invitation) -> Value {
    json!({
        "email": invitation.email.as_str(),
        "role": invitation.role,
        "is_mailed": invitation.is_mailed,
        "expires_at": invitation.expires_at,
    })
}

/// An API key, of which nothing but its last characters is known.
#[must_use]
pub fn api_key(key: &ApiKey) -> Value {
    json!({
        "label": key.label.as_str(),
        "role": key.role,
        "hint": key.hint,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

/// A server. Of its credentials there are the names of the headers, and the hash of what they were sealed to, which
/// says that they are others than before and nothing about what they are.
#[must_use]
pub fn server(server: &Server) -> Value {
    let auth = match &server.auth {
        UpstreamAuth::None => Value::Null,
        UpstreamAuth::Headers { names, sealed } => {
            json!({ "header_names": names, "sealed_sha256": hex(&Sha256::digest(sealed).into()) })
        }
    };
    json!({
        "slug": server.slug.as_str(),
        "name": server.name.as_str(),
        "url": server.url.as_str(),
        "auth": auth,
        "on_tool_change": server.on_tool_change,
        "on_limits_unavailable": server.on_limits_unavailable,
    })
}

/// A tool: which definition there is, and which one was accepted.
#[must_use]
pub fn tool(tool: &Tool) -> Value {
    json!({
        "fingerprint": hex(&tool.fingerprint),
        "accepted_fingerprint": hex(&tool.accepted_fingerprint),
        "category": tool.category(),
        "risk": tool.risk(),
        "overridden": tool.overridden.is_some(),
    })
}

/// A policy with its document.
#[must_use]
pub fn policy(policy: &Policy) -> Value {
    json!({
        "server_id": policy.server_id,
        "name": policy.name.as_str(),
        "version": policy.version.number,
        "rolled_back_to": policy.version.rolled_back_to,
        "document": policy.version.document,
    })
}

/// A grant with its bindings.
#[must_use]
pub fn grant(grant: &Grant) -> Value {
    let bindings: Vec<Value> = grant.bindings.iter().map(binding).collect();
    json!({
        "label": grant.label.as_str(),
        "bindings": bindings,
        "metadata": grant.metadata,
        "token_hint": grant.token_hint,
        "expires_at": grant.expires_at,
        "revoked_at": grant.revoked_at,
    })
}

/// A binding of a grant.
#[must_use]
pub fn binding(binding: &Binding) -> Value {
    json!({ "server_id": binding.server_id, "policy_id": binding.policy_id, "mode": binding.mode })
}

/// What an inventory has that it had not, and the other way round; none when both are the same.
#[must_use]
pub fn inventory(before: &[Tool], after: &[Tool]) -> Option<Value> {
    let known: BTreeMap<&str, &Tool> = before.iter().map(|tool| (tool.name.as_str(), tool)).collect();
    let found: BTreeMap<&str, &Tool> = after.iter().map(|tool| (tool.name.as_str(), tool)).collect();
    let added: Vec<&str> = found.keys().filter(|name| !known.contains_key(*name)).copied().collect();
    let removed: Vec<&str> = known.keys().filter(|name| !found.contains_key(*name)).copied().collect();
    let changed =
        found.iter().filter(|(name, tool)| known.get(*name).is_some_and(|known| known.fingerprint != tool.fingerprint));
    let changed: Vec<&str> = changed.map(|(name, _)| *name).collect();
    if added.is_empty() && removed.is_empty() && changed.is_empty() {
        return None;
    }
    Some(json!({ "added": added, "removed": removed, "changed": changed }))
}
