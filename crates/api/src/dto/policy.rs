//! Policies and their versions.

use chrono::{DateTime, Utc};
use ostiary_model::{Name, PolicyId, ServerId, Slug};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::{FromInput, Input};

/// A policy at its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policy {
    /// Id.
    #[schema(value_type = String)]
    pub id: PolicyId,
    /// The server it is written for.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// The server's slug.
    #[schema(value_type = String)]
    pub server_slug: Slug,
    /// What people call it.
    #[schema(value_type = String, example = "Ten sessions a minute")]
    pub name: Name,
    /// The newest version; also the `ETag`.
    pub version: i64,
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
    /// The document as its author wrote it.
    pub text: String,
    /// When the policy was made.
    pub created_at: DateTime<Utc>,
    /// When the newest version was saved.
    pub updated_at: DateTime<Utc>,
    /// Who saved it: the id of a user or API key.
    pub updated_by: String,
    /// How many grants it decides for.
    pub bound_grants: i64,
}

/// A version in the history of a policy.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyVersion {
    /// 1 for the first.
    pub number: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// Who saved it: the id of a user or API key.
    pub created_by: String,
    /// The version whose document was taken again.
    pub rolled_back_to: Option<i64>,
}

/// A version with its document.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyVersionWithDocument {
    /// 1 for the first.
    pub number: i64,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// Who saved it: the id of a user or API key.
    pub created_by: String,
    /// The version whose document was taken again.
    pub rolled_back_to: Option<i64>,
    /// The document.
    #[schema(value_type = Object)]
    pub document: Value,
    /// The document as its author wrote it.
    pub text: String,
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyDiff {
    /// The version that is compared against.
    pub from: i64,
    /// The version that is looked at.
    pub to: i64,
    /// The differences, in the order of their pointers.
    pub changes: Vec<PolicyChange>,
}

/// One difference between two documents.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PolicyChange {
    /// What happened.
    pub op: PolicyChangeOp,
    /// Where: a JSON Pointer.
    #[schema(example = "/tools/create_session/limits/0/max")]
    pub pointer: String,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub from: Option<Value>,
    /// What is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub to: Option<Value>,
}

/// What happened at a place of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyChangeOp {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is different.
    Changed,
}

/// What is said about a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyValidation {
    /// Whether it can be saved.
    pub valid: bool,
    /// What keeps it from being saved.
    pub errors: Vec<Diagnostic>,
    /// What is probably not meant.
    pub warnings: Vec<Diagnostic>,
}

/// One remark about a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnostic {
    /// Whether it keeps the document from being saved.
    pub severity: DiagnosticSeverity,
    /// Stable, for programs.
    #[schema(example = "unknown_member")]
    pub code: String,
    /// Where: a JSON Pointer into the document.
    pub pointer: String,
    /// What to change, for people.
    pub message: String,
    /// The line in the text, from 1.
    pub line: Option<usize>,
    /// The column in the line, from 1.
    pub column: Option<usize>,
}

/// How bad a remark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiagnosticSeverity {
    /// The document cannot be saved.
    Error,
    /// It can.
    Warning,
}

/// A document: an object, or its text, whose layout is then kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum PolicyDocumentRequest {
    /// The text of the document.
    Text(String),
    /// The document.
    #[schema(value_type = Object)]
    Object(serde_json::Map<String, Value>),
}

/// A policy to make.
#[derive(Debug, ToSchema)]
pub struct CreatePolicyRequest {
    /// The server it is written for.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// What to call it; unique on the server.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Name,
    /// The document.
    #[schema(value_type = PolicyDocumentRequest)]
    pub document: DocumentText,
}

/// A new version of a policy.
#[derive(Debug, ToSchema)]
pub struct UpdatePolicyRequest {
    /// What to call it; stays when it is left out.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Option<Name>,
    /// The document.
    #[schema(value_type = PolicyDocumentRequest)]
    pub document: DocumentText,
}

/// A document to look at.
#[derive(Debug, ToSchema)]
pub struct ValidatePolicyRequest {
    /// The document.
    #[schema(value_type = PolicyDocumentRequest)]
    pub document: DocumentText,
    /// With a server, the document is compared with its tools.
    #[schema(value_type = Option<String>)]
    pub server_id: Option<ServerId>,
}

/// A version to go back to.
#[derive(Debug, ToSchema)]
pub struct RollbackPolicyRequest {
    /// The version whose document is saved again.
    pub version: i64,
}

/// The text of a document as it came in: the content of a JSON string, or the JSON object itself, byte for byte, so
/// that nothing is lost before the policy language looks at it (a member that is there twice, digits of a number).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText(pub String);

impl FromInput for CreatePolicyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (server_id, name) = (input.required("server_id"), input.required("name"));
        let document = input.required("document");
        Some(Self { server_id: server_id?, name: name?, document: document? })
    }
}

impl FromInput for UpdatePolicyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (name, document) = (input.optional("name"), input.required("document"));
        Some(Self { name, document: document? })
    }
}

impl FromInput for ValidatePolicyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (document, server_id) = (input.required("document"), input.optional("server_id"));
        Some(Self { document: document?, server_id })
    }
}

impl FromInput for RollbackPolicyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { version: input.required("version")? })
    }
}

impl From<ostiary_model::PolicyVersion> for PolicyVersion {
    fn from(version: ostiary_model::PolicyVersion) -> Self {
        Self {
            number: version.number,
            created_at: version.created_at,
            created_by: version.created_by,
            rolled_back_to: version.rolled_back_to,
        }
    }
}
