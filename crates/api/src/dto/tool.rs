//! Tools of a server.

use chrono::{DateTime, Utc};
use ostiary_model::tool::{Category, Risk};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::schema;
use crate::extract::{FromInput, Input};

/// A tool of a server's inventory.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tool {
    /// Its name.
    #[schema(example = "create_session")]
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// What kind of thing it does.
    #[schema(schema_with = schema::category)]
    pub category: Category,
    /// How much harm a wrong call can do.
    #[schema(schema_with = schema::risk)]
    pub risk: Risk,
    /// Whether its definition is the accepted one.
    pub state: ToolState,
    /// SHA-256 of the canonical definition, in hex.
    pub fingerprint: String,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last seen.
    pub last_seen_at: DateTime<Utc>,
    /// The definition as the server sent it.
    #[schema(value_type = Object)]
    pub definition: Value,
    /// Its annotations: hints, not facts.
    #[schema(value_type = Option<Object>)]
    pub annotations: Option<Value>,
    /// The schema of its arguments.
    #[schema(value_type = Option<Object>)]
    pub input_schema: Option<Value>,
    /// The schema of its structured result.
    #[schema(value_type = Option<Object>)]
    pub output_schema: Option<Value>,
    /// A policy to begin with.
    pub recommended_policy: RecommendedPolicy,
}

/// Whether a tool's definition is the accepted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolState {
    /// It is.
    Accepted,
    /// It changed since; a person has to look.
    Changed,
}

/// A policy to begin with.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendedPolicy {
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
}

/// Accepts the definition of a tool.
#[derive(Debug, ToSchema)]
pub struct UpdateToolRequest {
    /// Must be `true`.
    pub accept: bool,
    /// The fingerprint of the definition that was looked at.
    pub fingerprint: String,
}

impl FromInput for UpdateToolRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (accept, fingerprint) = (input.required("accept"), input.required("fingerprint"));
        if accept == Some(false) {
            input.note("accept", "invalid", "must be true");
        }
        Some(Self { accept: accept?, fingerprint: fingerprint? })
    }
}
