//! What a server offers beside its tools: resources, templates of resources, and prompts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::ServerId;
use crate::word::words;

/// One entry of a server's inventory that is no tool.
#[derive(Clone, Debug, PartialEq)]
pub struct InventoryEntry {
    /// The server that offers it.
    pub server_id: ServerId,
    /// What it is.
    pub kind: EntryKind,
    /// The resource's URI, the template's pattern of URIs, or the prompt's name; one of each in a list.
    pub key: String,
    /// Its definition as the upstream sent it, one JSON object.
    pub definition: serde_json::Value,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
}

words!(
    /// The lists of a server beside that of its tools.
    EntryKind {
        /// Something to be read.
        Resource = "resource",
        /// A pattern of such things.
        ResourceTemplate = "resource_template",
        /// Messages for a model.
        Prompt = "prompt",
    }
);

/// How the last reading of each list ended. A list that was never read is not there.
pub type ListStates = BTreeMap<EntryKind, ListState>;

/// How the last reading of one list ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ListState {
    /// How many entries there are.
    pub count: u32,
    /// When it was last read in full; none when it never was.
    pub read_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed; the entries are then those of `read_at`, and stale.
    pub error: Option<String>,
}
