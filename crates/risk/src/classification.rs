//! The classifier's answer.

use serde::Serialize;

use crate::{Category, Risk, Signal};

/// What a tool does, how sure we are, and why we think so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Classification {
    /// What kind of thing it does.
    pub category: Category,
    /// The risk that goes with the category.
    pub risk: Risk,
    /// From 0 (a guess) to 1 (nothing speaks against it), in steps of one hundredth.
    pub confidence: f64,
    /// What decided, the weightiest first. Empty only when the category is `other`.
    pub evidence: Vec<Evidence>,
    /// What else a person should know; never a reason for the category. In the order of [`Signal::ALL`].
    pub signals: Vec<Signal>,
}

/// Words of one member of the definition, and what they speak for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The member: `name`, `title`, `description`, `annotations.destructiveHint`, `inputSchema.properties.sql`.
    #[serde(rename = "where")]
    pub place: String,
    /// The words, lower case without accents where they are from a text.
    pub words: String,
    /// The category they speak for.
    pub category: Category,
}
