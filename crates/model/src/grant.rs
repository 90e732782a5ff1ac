//! Grants: what agents hold.

use chrono::{DateTime, Utc};

use crate::word::words;
use crate::{AccountId, GrantId, Label, PolicyId, ServerId};

/// What an agent holds: bindings to servers under policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// What people call it.
    pub label: Label,
    /// Which servers it reaches, and under which policy.
    pub bindings: Vec<Binding>,
    /// Facts about the holder that conditions may use (`grant.metadata.…`): a JSON object.
    pub metadata: serde_json::Value,
    /// The last characters of the newest token, to tell grants apart.
    pub token_hint: Box<str>,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Raised by one with every change; the `ETag`.
    pub revision: i64,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
}

/// One server of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The server.
    pub server_id: ServerId,
    /// The policy that decides there; without one everything is denied.
    pub policy_id: Option<PolicyId>,
    /// Whether denials are enforced.
    pub mode: Mode,
}

words!(
    /// Whether a binding's denials are enforced.
    Mode {
        /// They are.
        Enforce = "enforce",
        /// They are only logged; the call goes on.
        Shadow = "shadow",
    }
);
