//! Rule sets.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Group, Limit, RateLimit};

/// What applies to a call together with every other rule set that matches.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RuleSet {
    /// What happens before any group is asked; `allow` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<Action>,
    /// What the agent and the log are told when `action` decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Whether arguments are checked against the tool's own `inputSchema`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validate_arguments: Option<bool>,
    /// Every group must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) require: Option<Vec<Group>>,
    /// Any group that holds, or cannot be told, denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deny_if: Option<Vec<Group>>,
    /// Any group that holds, or cannot be told, asks for a person's approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approve_if: Option<Vec<Group>>,
    /// How approvals work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approval: Option<ApprovalTerms>,
    /// What calls may use up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limits: Option<Vec<Limit>>,
    /// One more limit, of scope `grant`, on a counter of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limit: Option<RateLimit>,
}

/// What a rule set does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Allow,
    Deny,
    Hide,
    RequireApproval,
}

/// How approvals work, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ApprovalTerms {
    /// How long an approval may be given and used; 900 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60, max = 604_800))]
    pub(crate) expires_in: Option<u64>,
    /// How long the call is held open for it; 30 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 300))]
    pub(crate) wait: Option<u64>,
}
