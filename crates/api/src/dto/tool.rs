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
    /// What kind of thing it does, by a person's word where there is one: what policies go by.
    #[schema(schema_with = schema::category)]
    pub category: Category,
    /// How much harm a wrong call can do, by a person's word where there is one: what policies go by.
    #[schema(schema_with = schema::risk)]
    pub risk: Risk,
    /// What its definition says, and why.
    pub classification: Classification,
    /// What a person says instead.
    pub overridden: Option<ToolOverride>,
    /// What is wrong with its definition, the gravest first.
    pub findings: Vec<Finding>,
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

/// What the definition of a tool says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Classification {
    /// What kind of thing it does.
    #[schema(schema_with = schema::category)]
    pub category: Category,
    /// How much harm a wrong call can do.
    #[schema(schema_with = schema::risk)]
    pub risk: Risk,
    /// From 0, a guess, to 1.
    pub confidence: f64,
    /// What decided, the weightiest first.
    pub evidence: Vec<Evidence>,
    /// What else a person should know; never a reason for the category.
    #[schema(example = json!(["takes_url"]))]
    pub signals: Vec<String>,
}

/// Words of one member of a definition, and what they speak for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// The member.
    #[serde(rename = "where")]
    #[schema(example = "name")]
    pub place: String,
    /// The words.
    #[schema(example = "create session")]
    pub words: String,
    /// The category they speak for.
    #[schema(schema_with = schema::category)]
    pub category: Category,
}

/// Something that is wrong with a definition: an attack on the model that reads it, or a fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// What it is.
    #[schema(schema_with = schema::finding_code)]
    pub code: &'static str,
    /// How grave it is.
    #[schema(schema_with = schema::finding_severity)]
    pub severity: &'static str,
    /// The member.
    #[serde(rename = "where")]
    #[schema(example = "description")]
    pub place: String,
    /// For people.
    pub message: String,
}

/// A person's word against the computed one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolOverride {
    /// The category, when it is overruled.
    #[schema(schema_with = schema::category_or_null)]
    pub category: Option<Category>,
    /// The risk, when it is overruled.
    #[schema(schema_with = schema::risk_or_null)]
    pub risk: Option<Risk>,
    /// Who: the id of a user or API key.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
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

/// Changes to what is said of a tool. What is left out stays.
#[derive(Debug, ToSchema)]
pub struct UpdateToolRequest {
    /// True accepts the definition of `fingerprint`.
    pub accept: Option<bool>,
    /// The fingerprint of the definition that was looked at; needed with `accept`.
    pub fingerprint: Option<String>,
    /// The category to go by instead of the computed one; null goes back to that.
    #[schema(schema_with = schema::category_or_null, required = false)]
    pub category: Option<Option<Category>>,
    /// The risk to go by instead of the category's; null goes back to that.
    #[schema(schema_with = schema::risk_or_null, required = false)]
    pub risk: Option<Option<Risk>>,
}

impl FromInput for UpdateToolRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (accept, fingerprint) = (input.optional("accept"), input.optional("fingerprint"));
        let (category, risk) = (input.nullable("category"), input.nullable("risk"));
        if accept == Some(false) {
            input.note("accept", "invalid", "must be true");
        }
        if accept == Some(true) && fingerprint.is_none() {
            input.note("fingerprint", "required", "must be given");
        }
        Some(Self { accept, fingerprint, category, risk })
    }
}
