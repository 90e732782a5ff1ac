//! Grants.

use chrono::{DateTime, Utc};
use ostiary_model::{GrantId, Label, Mode, Name, PolicyId, ServerId, Slug};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::schema;
use crate::extract::{FromInput, Input};

/// What an agent holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    /// Id.
    #[schema(value_type = String)]
    pub id: GrantId,
    /// What people call it.
    #[schema(value_type = String, example = "Claude on Ada's laptop")]
    pub label: Label,
    /// The last characters of its newest token.
    #[schema(example = "k3xq")]
    pub token_hint: String,
    /// What it reaches.
    pub bindings: Vec<Binding>,
    /// Facts about the holder that conditions may use.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
    /// Whether it works.
    pub status: GrantStatus,
}

/// Whether a grant works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// One server of a grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Binding {
    /// The server.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// Its slug.
    #[schema(value_type = String)]
    pub server_slug: Slug,
    /// The policy that decides there; without one everything is denied.
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<PolicyId>,
    /// Its name.
    #[schema(value_type = Option<String>)]
    pub policy_name: Option<Name>,
    /// Whether denials are enforced.
    #[schema(schema_with = schema::mode)]
    pub mode: Mode,
    /// Where the agent reaches the server.
    pub gateway_url: String,
}

/// A grant with its token, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct GrantWithToken {
    /// The grant.
    pub grant: Grant,
    /// The token.
    #[schema(example = "ost_grant_…")]
    pub token: String,
}

// SECURITY: the token is not printed.
impl std::fmt::Debug for GrantWithToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrantWithToken").field("grant", &self.grant.id).finish_non_exhaustive()
    }
}

/// A grant to mint.
#[derive(Debug, ToSchema)]
pub struct CreateGrantRequest {
    /// What to call it.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub label: Label,
    /// What it reaches: 1 to 50 servers, each once.
    pub bindings: Vec<BindingRequest>,
    /// When it stops working by itself; never when it is left out.
    pub expires_at: Option<DateTime<Utc>>,
    /// Facts about the holder that conditions may use.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

/// One server of a grant to mint.
#[derive(Debug, ToSchema)]
pub struct BindingRequest {
    /// The server.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// The policy that decides there; without one everything is denied.
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<PolicyId>,
    /// Whether denials are enforced; `enforce` when it is left out.
    #[schema(schema_with = schema::mode)]
    pub mode: Option<Mode>,
}

/// Changes to a grant. What is left out stays.
#[derive(Debug, ToSchema)]
pub struct UpdateGrantRequest {
    /// What to call it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub label: Option<Label>,
    /// When it stops working by itself; null for never.
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// Facts about the holder that conditions may use.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

/// How to replace a token.
#[derive(Debug, ToSchema)]
pub struct RotateGrantRequest {
    /// How long the tokens it had still work: 0 to 86400 seconds; 0 when it is left out.
    #[schema(maximum = 86400)]
    pub overlap_seconds: Option<u32>,
}

/// A policy for one server of a grant.
#[derive(Debug, ToSchema)]
pub struct PutBindingRequest {
    /// The policy that decides there; without one everything is denied.
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<PolicyId>,
    /// Whether denials are enforced; `enforce` when it is left out.
    #[schema(schema_with = schema::mode)]
    pub mode: Option<Mode>,
}

/// Most servers of one grant.
const MAX_BINDINGS: usize = 50;
/// Most bytes of a grant's metadata as JSON.
const MAX_METADATA_BYTES: usize = 16 * 1024;
/// Longest overlap of two tokens, in seconds: a day.
const MAX_OVERLAP_SECONDS: u32 = 86_400;

impl FromInput for CreateGrantRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let label = input.required("label");
        let bindings: Option<Vec<BindingRequest>> = input.required("bindings");
        if let Some(bindings) = &bindings {
            check_bindings(input, bindings);
        }
        let expires_at = input.optional("expires_at");
        let metadata = read_metadata(input);
        Some(Self { label: label?, bindings: bindings?, expires_at, metadata })
    }
}

fn check_bindings(input: &mut Input<'_>, bindings: &[BindingRequest]) {
    if bindings.is_empty() || bindings.len() > MAX_BINDINGS {
        input.note("bindings", "out_of_range", format!("must be 1 to {MAX_BINDINGS} servers"));
    }
    let mut servers: Vec<ServerId> = bindings.iter().map(|binding| binding.server_id).collect();
    servers.sort_unstable();
    if servers.windows(2).any(|pair| pair.first() == pair.last()) {
        input.note("bindings", "duplicate_server", "must have each server once");
    }
}

fn read_metadata(input: &mut Input<'_>) -> Option<Map<String, Value>> {
    let metadata: Option<Map<String, Value>> = input.optional("metadata");
    let bytes = metadata.as_ref().and_then(|metadata| serde_json::to_vec(metadata).ok()).map_or(0, |json| json.len());
    if bytes > MAX_METADATA_BYTES {
        input.note("metadata", "too_large", format!("must be at most {MAX_METADATA_BYTES} bytes as JSON"));
    }
    metadata
}

impl FromInput for BindingRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let server_id = input.required("server_id");
        let (policy_id, mode) = (input.optional("policy_id"), input.optional("mode"));
        Some(Self { server_id: server_id?, policy_id, mode })
    }
}

impl FromInput for UpdateGrantRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (label, expires_at) = (input.optional("label"), input.nullable("expires_at"));
        Some(Self { label, expires_at, metadata: read_metadata(input) })
    }
}

impl FromInput for RotateGrantRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let overlap_seconds: Option<u32> = input.optional("overlap_seconds");
        if overlap_seconds.is_some_and(|seconds| seconds > MAX_OVERLAP_SECONDS) {
            input.note("overlap_seconds", "out_of_range", format!("must be at most {MAX_OVERLAP_SECONDS}"));
        }
        Some(Self { overlap_seconds })
    }
}

impl FromInput for PutBindingRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { policy_id: input.optional("policy_id"), mode: input.optional("mode") })
    }
}
