//! What an evaluation answers: reasons with stable codes, and the element of the document that gave them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::amount::Amount;
use crate::limit::{LimitPlan, WindowName};

/// JSON Pointer of the element that decided. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RulePointer(Arc<str>);

impl RulePointer {
    /// The pointer as text, such as `/tools/create_refund/deny_if/0`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This pointer with one token more.
    pub(crate) fn join(&self, token: &str) -> RulePointer {
        let mut text = String::from(self.as_str());
        push_token(&mut text, token);
        RulePointer(text.into())
    }
}

impl From<&str> for RulePointer {
    fn from(text: &str) -> Self {
        RulePointer(text.into())
    }
}

impl fmt::Display for RulePointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Appends one reference token, escaped as RFC 6901 has it.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for char in token.chars() {
        match char {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(char),
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $text:literal,)+) => {
        /// Why a call does not pass, stable over versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum DenialCode {
            $($(#[$doc])* $variant,)+
        }

        impl DenialCode {
            /// Every code, in the order of the page.
            pub const ALL: &'static [DenialCode] = &[$(Self::$variant,)+];

            /// The code as it stands in answers and in the log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    /// The tool is hidden.
    Hidden => "hidden",
    /// Nothing lists what is asked for, and the default denies.
    DefaultDeny => "default_deny",
    /// The inventory does not have the tool.
    UnknownTool => "unknown_tool",
    /// An explicit denial.
    Denied => "denied",
    /// The tool's definition changed and nobody has accepted the change.
    ToolQuarantined => "tool_quarantined",
    /// The arguments can be understood in two ways.
    AmbiguousArguments => "ambiguous_arguments",
    /// The arguments do not satisfy the tool's schema.
    InvalidArguments => "invalid_arguments",
    /// A `require` group does not hold.
    Require => "require",
    /// A `deny_if` group holds or cannot be told.
    DenyIf => "deny_if",
    /// A person must approve the call first.
    ApprovalRequired => "approval_required",
    /// A limit would be exceeded.
    LimitExceeded => "limit_exceeded",
    /// An amount cannot be counted.
    InvalidAmount => "invalid_amount",
    /// The counter store cannot be reached.
    LimitsUnavailable => "limits_unavailable",
    /// The grant has no policy on this server.
    NoPolicy => "no_policy",
    /// The stored policy cannot be read.
    PolicyUnreadable => "policy_unreadable",
    /// The decision cannot be recorded.
    LogUnavailable => "log_unavailable",
    /// The plan of the account allows no more calls.
    PlanLimitReached => "plan_limit_reached",
}

impl Serialize for DenialCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for DenialCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a policy says of one call.
#[derive(Debug, Clone)]
pub enum Evaluation {
    /// The call does not pass, whatever the counters say.
    Denied(Denial),
    /// The call passes as far as the document alone can tell.
    Proceed(Proceed),
}

/// What stands between a call that the rules let pass and its upstream, in this order.
#[derive(Debug, Clone)]
pub struct Proceed {
    /// The approval that the call needs, if any.
    pub approval: Option<ApprovalNeed>,
    /// The counters that the call must reserve, or the amount that cannot be counted.
    pub limits: Result<LimitPlan, Denial>,
}

/// A person's approval, asked for by the rules.
#[derive(Debug, Clone)]
pub struct ApprovalNeed {
    /// The element that asks.
    pub rule: RulePointer,
    /// What the rule itself says.
    pub message: Option<Arc<str>>,
    /// How long an approval may be given and used.
    pub expires_in: Duration,
    /// How long the call is held open for it.
    pub wait: Duration,
}

impl ApprovalNeed {
    /// The answer to a call for which no approval was given.
    pub fn denial(&self) -> Denial {
        let message =
            self.message.as_deref().unwrap_or("this call needs a person's approval; ask for it and call again");
        Denial::new(DenialCode::ApprovalRequired, Some(self.rule.clone()), message)
    }
}

/// One call that does not pass, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Denial {
    /// The reason's kind.
    pub code: DenialCode,
    /// The element that decided, where there is one.
    pub rule: Option<RulePointer>,
    /// The true reason, for the log; [`Denial::agent_message`] is what the agent may read.
    pub message: String,
    /// When the call may be tried again, in milliseconds from now; `None` where waiting does not help or nobody can tell.
    pub retry_after_ms: Option<u64>,
    /// The limit that was exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitFacts>,
}

/// The exceeded limit, as the agent is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitFacts {
    /// The counter's name.
    pub counter: String,
    /// The limit's window.
    pub window: WindowName,
    /// The most that the window may hold.
    pub max: Amount,
    /// What it holds now, without the call.
    pub used: Amount,
}

impl Denial {
    /// A denial without a time to wait for.
    pub fn new(code: DenialCode, rule: Option<RulePointer>, message: impl Into<String>) -> Self {
        Denial { code, rule, message: message.into(), retry_after_ms: None, limit: None }
    }

    /// The call can be understood in two ways.
    pub fn ambiguous() -> Self {
        Self::new(
            DenialCode::AmbiguousArguments,
            None,
            "the call can be read in two ways: a member is there twice, a number is out of range, or a string has half \
             a surrogate pair; send every member once",
        )
    }

    /// The counter store cannot be reached.
    pub fn limits_unavailable() -> Self {
        Self::new(
            DenialCode::LimitsUnavailable,
            None,
            "the limits of this call cannot be checked right now; try again later",
        )
    }

    /// The grant has no policy on the server.
    pub fn no_policy() -> Self {
        Self::new(DenialCode::NoPolicy, None, "no policy allows this grant anything on this server; ask for one")
    }

    /// The decision cannot be recorded.
    pub fn log_unavailable() -> Self {
        Self::new(DenialCode::LogUnavailable, None, "the call cannot be recorded right now; try again later")
    }

    /// The stored policy cannot be read.
    pub fn unreadable(reason: &str) -> Self {
        Self::new(
            DenialCode::PolicyUnreadable,
            None,
            format!("the policy of this grant cannot be read ({reason}); everything is denied until it is repaired"),
        )
    }

    /// The code that the agent sees: a tool that is hidden, not listed or unknown looks the same.
    pub fn agent_code(&self) -> &'static str {
        if self.is_unavailable() { "unavailable" } else { self.code.as_str() }
    }

    /// The text that the agent sees, without prefix.
    pub fn agent_message(&self) -> &str {
        if self.is_unavailable() { "this is not available here; use what the lists show" } else { &self.message }
    }

    fn is_unavailable(&self) -> bool {
        matches!(self.code, DenialCode::Hidden | DenialCode::DefaultDeny | DenialCode::UnknownTool)
    }
}
