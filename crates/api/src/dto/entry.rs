//! What a server offers beside its tools.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A resource of a server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerResource {
    /// Its URI.
    #[schema(example = "file:///notes/today.md")]
    pub uri: String,
    /// Its name.
    pub name: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its type.
    #[schema(example = "text/markdown")]
    pub mime_type: Option<String>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The definition as the server sent it.
    #[schema(value_type = Object)]
    pub definition: Value,
}

/// A pattern of resources of a server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerResourceTemplate {
    /// The pattern of URIs.
    #[schema(example = "file:///notes/{day}.md")]
    pub uri_template: String,
    /// Its name.
    pub name: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// The type of all that fit.
    pub mime_type: Option<String>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The definition as the server sent it.
    #[schema(value_type = Object)]
    pub definition: Value,
}

/// A prompt of a server.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerPrompt {
    /// Its name.
    #[schema(example = "summarize_ticket")]
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The definition as the server sent it, its arguments included.
    #[schema(value_type = Object)]
    pub definition: Value,
}
