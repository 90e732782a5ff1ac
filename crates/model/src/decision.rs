//! Decisions: the log record of one call.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::word::words;
use crate::{AccountId, DecisionId, GrantId, Mode, PolicyId, ServerId};

/// The log record of one call. Argument values are never part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id; ordered by time.
    pub id: DecisionId,
    /// When the call was decided.
    pub time: DateTime<Utc>,
    /// Whose call it was.
    pub account_id: AccountId,
    /// The server it was for.
    pub server_id: ServerId,
    /// The server's slug at that time.
    pub server_slug: String,
    /// The grant that called.
    pub grant_id: GrantId,
    /// The grant's label at that time.
    pub grant_label: String,
    /// A short keyed hash that tells sessions apart; none without a session.
    pub session: Option<String>,
    /// What the client calls itself.
    pub client_name: Option<String>,
    /// The version the client claims.
    pub client_version: Option<String>,
    /// The protocol revision of the call.
    pub protocol_version: Option<String>,
    /// The MCP method.
    pub method: String,
    /// The tool, resource URI or prompt that was called.
    pub target: Option<String>,
    /// The tool's category in the inventory.
    pub category: Option<crate::tool::Category>,
    /// The policy that decided.
    pub policy_id: Option<PolicyId>,
    /// Its version.
    pub policy_version: Option<i64>,
    /// Whether denials were enforced.
    pub mode: Mode,
    /// What became of the call at the gateway.
    pub outcome: Outcome,
    /// Why, when it was not simply allowed.
    pub code: Option<String>,
    /// The JSON Pointer of the deciding rule.
    pub rule: Option<String>,
    /// What the agent was told.
    pub message: Option<String>,
    /// Names of the arguments, never their values.
    pub argument_names: Vec<String>,
    /// A keyed hash of the arguments: equal calls have equal hashes within an account.
    pub argument_hash: Option<String>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// Bytes of the call's body.
    pub bytes_in: i64,
    /// Microseconds in the gateway before the call was forwarded or answered.
    pub gateway_us: i64,
    /// How it ended; none while it is under way, or when the process died before it could say.
    pub ending: Option<Ending>,
}

/// How a call ended, written after its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// What is known of it.
    pub result: EndingResult,
    /// HTTP status of the upstream, when it answered.
    pub upstream_status: Option<u16>,
    /// Bytes of the answer.
    pub bytes_out: i64,
    /// Milliseconds the upstream took, to the end of its answer.
    pub upstream_ms: i64,
}

words!(
    /// What became of a call at the gateway.
    Outcome {
        /// Forwarded.
        Allowed = "allowed",
        /// Refused.
        Denied = "denied",
        /// Waiting for a person.
        Held = "held",
        /// Forwarded, but would have been refused in `enforce`.
        ShadowDenied = "shadow_denied",
        /// Forwarded without counters, which could not be reached.
        AllowedUnmetered = "allowed_unmetered",
    }
);

words!(
    /// What is known of the end of a call.
    EndingResult {
        /// The upstream answered with a result.
        Ok = "ok",
        /// The upstream answered with a result that says it is an error.
        ToolError = "tool_error",
        /// The upstream answered with a JSON-RPC error.
        RpcError = "rpc_error",
        /// The upstream answered with an HTTP error.
        HttpError = "http_error",
        /// The upstream could not be connected; nothing was sent.
        Unreachable = "unreachable",
        /// The upstream did not answer in time.
        Timeout = "timeout",
        /// The answer broke off.
        Broken = "broken",
        /// The client left before the answer ended.
        ClientGone = "client_gone",
    }
);
