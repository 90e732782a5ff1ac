//! Tools: the inventory of a server.

use chrono::{DateTime, Utc};

use crate::ServerId;
use crate::word::words;

/// One tool of a server's inventory.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// The server that offers it.
    pub server_id: ServerId,
    /// Its name, as the upstream spells it.
    pub name: String,
    /// Its definition as the upstream sent it, one JSON object.
    pub definition: serde_json::Value,
    /// SHA-256 of the canonical definition (RFC 8785).
    pub fingerprint: [u8; 32],
    /// The fingerprint that a person, or registration, accepted.
    pub accepted_fingerprint: [u8; 32],
    /// What kind of thing it does, as its definition says.
    pub computed_category: Category,
    /// How much harm a wrong call can do, as its definition says.
    pub computed_risk: Risk,
    /// What a person says instead.
    pub overridden: Option<Override>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// When it was found missing. Such a tool is no part of the inventory; it is remembered, so that it cannot come back
    /// as another one unseen.
    pub gone_at: Option<DateTime<Utc>>,
}

/// A person's word on a tool against the computed one. It survives every reading of the inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// What kind of thing it does; none leaves the computed category.
    pub category: Option<Category>,
    /// How much harm a wrong call can do; none leaves the risk of the category.
    pub risk: Option<Risk>,
    /// The id of the user or key.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Tool {
    /// Whether the definition is the accepted one.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.fingerprint == self.accepted_fingerprint
    }

    /// What kind of thing it does, by a person's word where there is one: what policies go by.
    #[must_use]
    pub fn category(&self) -> Category {
        self.overridden.as_ref().and_then(|overridden| overridden.category).unwrap_or(self.computed_category)
    }

    /// How much harm a wrong call can do, by a person's word where there is one: what policies go by.
    #[must_use]
    pub fn risk(&self) -> Risk {
        match &self.overridden {
            Some(Override { risk: Some(risk), .. }) => *risk,
            Some(Override { category: Some(category), .. }) => category.risk(),
            _ => self.computed_risk,
        }
    }
}

words!(
    /// What kind of thing a tool does; the later, the more severe.
    Category {
        /// Nothing to go by.
        Other = "other",
        /// Retrieves, changes nothing.
        Read = "read",
        /// Creates or changes data, reversibly.
        Write = "write",
        /// Runs code, or triggers what depends on its arguments.
        Execute = "execute",
        /// Deletes, overwrites, cannot be undone.
        Destructive = "destructive",
        /// Moves money or commits to pay.
        Financial = "financial",
    }
);

words!(
    /// How much harm a wrong call can do.
    Risk {
        /// Next to none.
        Low = "low",
        /// Some, reversible.
        Medium = "medium",
        /// Much.
        High = "high",
        /// Irreversible.
        Critical = "critical",
    }
);

impl Category {
    /// The risk that goes with the category.
    #[must_use]
    pub const fn risk(self) -> Risk {
        match self {
            Self::Other | Self::Read => Risk::Low,
            Self::Write => Risk::Medium,
            Self::Execute => Risk::High,
            Self::Destructive | Self::Financial => Risk::Critical,
        }
    }
}
