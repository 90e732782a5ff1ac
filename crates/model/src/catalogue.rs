//! The catalogue: servers and tools that anybody may read about, whoever uses them.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::tool::{Category, Risk};

/// A server of the catalogue. It belongs to no account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueServer {
    /// What stands in the address of its page; unique.
    pub slug: String,
    /// What it is known by: `npm:@acme/server`, or the URL of its endpoint; never a repository, which may hold many.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// The version that was imported.
    pub version: Option<String>,
    /// Where it answers, if it is hosted.
    pub url: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// When its tools were read; none when nobody has read them.
    pub scanned_at: Option<DateTime<Utc>>,
    /// When it was last imported with a change.
    pub imported_at: DateTime<Utc>,
    /// Of everything that was imported; an import of the same writes nothing.
    pub hash: [u8; 32],
}

/// A tool of a server of the catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogueTool {
    /// Its name, as the server spells it.
    pub name: String,
    /// Its definition as the server gives it, one JSON object.
    pub definition: Value,
    /// What kind of thing it does.
    pub category: Category,
    /// How much harm a wrong call can do.
    pub risk: Risk,
    /// What its definition costs in a model's context, in tokens, roughly.
    pub tokens: i64,
    /// Codes of what is wrong with its definition.
    pub findings: Vec<String>,
}

/// A tool that was searched for, with its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueHit {
    /// Where it stands in lists.
    pub position: i64,
    /// The server's slug.
    pub server_slug: String,
    /// The server's name.
    pub server_name: String,
    /// The tool's name.
    pub name: String,
    /// The beginning of its description.
    pub description: String,
    /// What kind of thing it does.
    pub category: Category,
    /// How much harm a wrong call can do.
    pub risk: Risk,
    /// Codes of what is wrong with its definition.
    pub findings: Vec<String>,
}

/// How much is in the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatalogueTotals {
    /// Servers.
    pub servers: i64,
    /// Tools of all of them.
    pub tools: i64,
}
