//! The one read of the path of a call: a grant with everything that decides its calls.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{Grant, Mode, PlanName, PolicyId, Server, Slug};

use crate::StorageError;

/// A grant with its servers and the newest versions of its policies, read at one moment.
#[derive(Clone, Debug)]
pub struct GrantSnapshot {
    /// The grant. A revoked or expired one is found too; the caller looks.
    pub grant: Grant,
    /// When the token that was looked up stops working, if it was rotated away.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The slug in the account's gateway URL.
    pub account_slug: Slug,
    /// The plan of the account, by its name.
    pub plan: PlanName,
    /// What the grant is bound to, in the order of its bindings.
    pub servers: Vec<BoundServer>,
}

/// One binding of a grant, resolved.
#[derive(Clone, Debug)]
pub struct BoundServer {
    /// The server.
    pub server: Arc<Server>,
    /// The policy; without one everything is denied.
    pub policy: Option<BoundPolicy>,
    /// Whether denials are enforced.
    pub mode: Mode,
}

/// The newest version of a binding's policy.
#[derive(Clone, Debug)]
pub struct BoundPolicy {
    /// The policy.
    pub id: PolicyId,
    /// The version's number.
    pub version: i64,
    /// The version's document.
    pub document: Arc<str>,
}

/// Reads snapshots.
#[async_trait]
pub trait ReadSnapshots {
    /// The grant whose token has this SHA-256; none of an account that is to be deleted.
    async fn find_snapshot_by_token(&self, token_hash: &[u8; 32]) -> Result<Option<GrantSnapshot>, StorageError>;
}
