//! Differences between what a server offers and what was accepted of it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::tool::Category;
use crate::word::words;
use crate::{AccountId, ServerId, ToolChangeId};

/// One difference, from the accepted state to the present one. At most one that is not reviewed exists of each tool: it
/// follows the tool until a person has looked, and goes away by itself when the tool goes back.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolChange {
    /// Its id.
    pub id: ToolChangeId,
    /// The account.
    pub account_id: AccountId,
    /// The server.
    pub server_id: ServerId,
    /// What happened.
    pub kind: ToolChangeKind,
    /// The tool, by its present name or else its last one; empty when the change is no tool's.
    pub tool: String,
    /// The name that it had, when it has another now.
    pub previous_name: Option<String>,
    /// The definition, or the text, that was accepted; none when there was none.
    pub before: Option<Value>,
    /// The present one; none when there is none any more.
    pub after: Option<Value>,
    /// The category of `before`.
    pub category_before: Option<Category>,
    /// The category of `after`.
    pub category_after: Option<Category>,
    /// When it was last found to be different.
    pub detected_at: DateTime<Utc>,
    /// Who accepted it, and when.
    pub review: Option<Review>,
}

/// A person's look at a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The id of the user or key.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

words!(
    /// What happened to a tool.
    ToolChangeKind {
        /// It is new.
        Added = "added",
        /// It is not offered any more.
        Removed = "removed",
        /// Its definition is another one.
        Changed = "changed",
        /// Another name stands over the same definition.
        Renamed = "renamed",
        /// The server's instructions to agents are others; no tool changed.
        Instructions = "instructions",
    }
);

impl ToolChange {
    /// Whether the tool is able to do something graver than what was accepted.
    #[must_use]
    pub fn is_category_raised(&self) -> bool {
        matches!((self.category_before, self.category_after), (Some(before), Some(after)) if after > before)
    }
}
