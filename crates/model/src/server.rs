//! Servers: registered upstream MCP endpoints.

use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use crate::entry::ListStates;
use crate::word::words;
use crate::{AccountId, Name, ServerId, Slug};

/// A registered upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// The account that owns it.
    pub account_id: AccountId,
    /// What stands in its gateway URL; unique in the account.
    pub slug: Slug,
    /// What people call it.
    pub name: Name,
    /// Its MCP endpoint (Streamable HTTP).
    pub url: Url,
    /// How the gateway authenticates to it.
    pub auth: UpstreamAuth,
    /// What happens to a tool whose definition changed.
    pub on_tool_change: OnToolChange,
    /// What happens to calls when the counters cannot be reached.
    pub on_limits_unavailable: OnLimitsUnavailable,
    /// What it said of itself when it was last read.
    pub identity: ServerIdentity,
    /// The state of the inventory.
    pub inventory: InventoryState,
    /// Raised by one with every change to the row; the `ETag`.
    pub revision: i64,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed by a person or key.
    pub updated_at: DateTime<Utc>,
}

/// What a server says of itself (`initialize`). Claims, not facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ServerIdentity {
    /// `serverInfo.name`.
    pub name: Option<String>,
    /// `serverInfo.version`.
    pub version: Option<String>,
    /// The protocol revision it negotiated.
    pub protocol_version: Option<String>,
    /// `instructions`.
    pub instructions: Option<String>,
    /// `capabilities`, a JSON object.
    pub capabilities: Option<serde_json::Value>,
}

/// When the inventory was read, and how the last attempt ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InventoryState {
    /// When it was last read in full.
    pub read_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed; the inventory is then the one of `read_at`, and stale.
    pub error: Option<String>,
    /// The same of the lists beside the tools.
    pub lists: ListStates,
}

/// How the gateway authenticates to an upstream.
///
/// Header values are sealed: ciphertext and key id, as `ostiary-auth` makes them.
#[derive(Clone, PartialEq, Eq)]
pub enum UpstreamAuth {
    /// Not at all.
    None,
    /// Headers that are added to every request.
    Headers {
        /// Their names, in lower case, in the order given.
        names: Vec<String>,
        /// All values together, sealed with the server's id as associated data.
        sealed: Vec<u8>,
    },
}

// SECURITY: sealed values are not printed, so that no log holds something to attack.
impl fmt::Debug for UpstreamAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Headers { names, .. } => f.debug_struct("Headers").field("names", names).finish_non_exhaustive(),
        }
    }
}

words!(
    /// What happens to a tool whose definition changed since it was accepted.
    #[derive(Default)]
    OnToolChange {
        /// Its calls are denied until a person accepts the change.
        #[default]
        Quarantine = "quarantine",
        /// It goes on.
        Allow = "allow",
    }
);

words!(
    /// What happens to calls that need counters when the counters cannot be reached.
    #[derive(Default)]
    OnLimitsUnavailable {
        /// They are denied.
        #[default]
        Deny = "deny",
        /// They are forwarded, and logged as unmetered.
        Allow = "allow",
    }
);
