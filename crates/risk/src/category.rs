//! The two closed sets of words: what a tool does, and how much harm a wrong call can do.

use serde::{Deserialize, Serialize};

/// What kind of thing a tool does; the later, the more severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Nothing to go by.
    Other,
    /// Retrieves, changes nothing.
    Read,
    /// Creates or changes data, reversibly.
    Write,
    /// Runs code, or triggers an operation whose effect depends on its arguments.
    Execute,
    /// Deletes, overwrites, cannot be undone.
    Destructive,
    /// Moves money or commits to pay.
    Financial,
}

impl Category {
    /// All of them, the least severe first.
    pub const ALL: [Self; 6] =
        [Self::Other, Self::Read, Self::Write, Self::Execute, Self::Destructive, Self::Financial];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Read => "read",
            Self::Write => "write",
            Self::Execute => "execute",
            Self::Destructive => "destructive",
            Self::Financial => "financial",
        }
    }

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

/// How much harm a wrong call can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Next to none.
    Low,
    /// Some, reversible.
    Medium,
    /// Much.
    High,
    /// Irreversible.
    Critical,
}

impl Risk {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
