//! Changes of inventories.

use chrono::{DateTime, Utc};
use ostiary_model::ToolChangeId;
use ostiary_model::tool::Category;
use ostiary_model::tool_change::ToolChangeKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::policy::PolicyChange;
use super::schema;
use crate::extract::{FromInput, Input};

/// A difference between what a server offers and what was accepted of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolChange {
    /// Id.
    #[schema(value_type = String)]
    pub id: ToolChangeId,
    /// What happened.
    #[schema(schema_with = schema::tool_change_kind)]
    pub kind: ToolChangeKind,
    /// The tool; null for the server's instructions.
    pub tool: Option<String>,
    /// The name that it had, when it has another now.
    pub previous_name: Option<String>,
    /// The definition that was accepted, or the instructions.
    pub before: Option<Value>,
    /// The present one.
    pub after: Option<Value>,
    /// What differs, member by member.
    pub differences: Vec<PolicyChange>,
    /// The category of the accepted definition.
    #[schema(schema_with = schema::category_or_null)]
    pub category_before: Option<Category>,
    /// The category of the present one.
    #[schema(schema_with = schema::category_or_null)]
    pub category_after: Option<Category>,
    /// Whether the tool is able to do something graver than what was accepted.
    pub category_raised: bool,
    /// Of the present side; it says what was looked at when the change is accepted.
    pub fingerprint: String,
    /// When it was last found to be different.
    pub detected_at: DateTime<Utc>,
    /// Who accepted it: the id of a user or API key; null while nobody has.
    pub accepted_by: Option<String>,
    /// When.
    pub accepted_at: Option<DateTime<Utc>>,
}

/// Accepts a change.
#[derive(Debug, ToSchema)]
pub struct AcceptToolChangeRequest {
    /// The fingerprint of the change that was looked at.
    pub fingerprint: String,
}

impl FromInput for AcceptToolChangeRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { fingerprint: input.required("fingerprint")? })
    }
}
