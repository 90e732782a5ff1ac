//! Servers.

use chrono::{DateTime, Utc};
use ostiary_model::server::{OnLimitsUnavailable, OnToolChange};
use ostiary_model::{Name, ServerId, Slug};
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::schema;
use super::tool::Finding;
use crate::extract::{FromInput, Input};

/// A registered upstream.
#[derive(Debug, Serialize, ToSchema)]
pub struct Server {
    /// Id.
    #[schema(value_type = String)]
    pub id: ServerId,
    /// Stands in its gateway URL; unique in the account.
    #[schema(value_type = String, example = "tickets")]
    pub slug: Slug,
    /// What people call it.
    #[schema(value_type = String, example = "Tickets")]
    pub name: Name,
    /// Its MCP endpoint.
    #[schema(example = "https://mcp.example.com/mcp")]
    pub url: String,
    /// How it is spoken to.
    pub transport: Transport,
    /// How the gateway authenticates to it.
    pub auth: ServerAuth,
    /// What happens to a tool whose definition changed.
    #[schema(schema_with = schema::on_tool_change)]
    pub on_tool_change: OnToolChange,
    /// What happens to calls that need counters when the counters cannot be reached.
    #[schema(schema_with = schema::on_limits_unavailable)]
    pub on_limits_unavailable: OnLimitsUnavailable,
    /// What it says of itself.
    pub identity: ServerIdentity,
    /// What is known of its tools.
    pub inventory: ServerInventory,
    /// What is wrong with its instructions to agents.
    pub findings: Vec<Finding>,
    /// Where agents reach it.
    #[schema(example = "http://127.0.0.1:8080/mcp/acme/tickets")]
    pub gateway_url: String,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A transport of MCP.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Streamable HTTP.
    StreamableHttp,
}

/// How the gateway authenticates to a server. Values of headers are never shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerAuth {
    /// Not at all.
    None,
    /// With headers on every request.
    Headers {
        /// Their names.
        header_names: Vec<String>,
    },
}

/// What a server says of itself. Claims, not facts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerIdentity {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The protocol revision it speaks.
    #[schema(example = "2025-11-25")]
    pub protocol_version: Option<String>,
    /// Its instructions to agents.
    pub instructions: Option<String>,
}

/// The state of a server's inventory.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerInventory {
    /// How many tools it has.
    pub tools: i64,
    /// When it was last read in full.
    pub read_at: Option<DateTime<Utc>>,
    /// Why it could not be read the last time.
    pub error: Option<String>,
    /// Whether the last attempt to read it failed.
    pub stale: bool,
    /// How many changes nobody has accepted.
    pub open_changes: i64,
    /// Its resources.
    pub resources: InventoryList,
    /// Its templates of resources.
    pub resource_templates: InventoryList,
    /// Its prompts.
    pub prompts: InventoryList,
}

/// A list of a server's inventory beside that of the tools.
#[derive(Debug, Serialize, ToSchema)]
pub struct InventoryList {
    /// How many entries it has.
    pub count: u32,
    /// When it was last read in full; null when it never was, and for a list that the server does not offer.
    pub read_at: Option<DateTime<Utc>>,
    /// Why it could not be read the last time.
    pub error: Option<String>,
    /// Whether the last attempt to read it failed.
    pub stale: bool,
}

/// Whether a server answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerHealth {
    /// How the last attempt ended.
    pub status: ServerHealthStatus,
    /// When it was last read in full.
    pub checked_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// How the last attempt to reach a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerHealthStatus {
    /// It answered.
    Ok,
    /// It did not.
    Failing,
    /// It was not tried yet.
    Unknown,
}

/// A server to register.
#[derive(Debug, ToSchema)]
pub struct CreateServerRequest {
    /// Stands in its gateway URL; made from the name when it is left out.
    #[schema(value_type = Option<String>, example = "tickets")]
    pub slug: Option<Slug>,
    /// What to call it.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Tickets")]
    pub name: Name,
    /// Its MCP endpoint.
    #[schema(example = "https://mcp.example.com/mcp")]
    pub url: String,
    /// How to authenticate to it; not at all when it is left out.
    pub auth: Option<ServerAuthRequest>,
    /// What happens to a tool whose definition changed; `quarantine` when it is left out.
    #[schema(schema_with = schema::on_tool_change)]
    pub on_tool_change: Option<OnToolChange>,
    /// What happens to calls that need counters when they cannot be reached; `deny` when it is left out.
    #[schema(schema_with = schema::on_limits_unavailable)]
    pub on_limits_unavailable: Option<OnLimitsUnavailable>,
}

/// Changes to a server. What is left out stays.
#[derive(Debug, ToSchema)]
pub struct UpdateServerRequest {
    /// Stands in its gateway URL.
    #[schema(value_type = Option<String>)]
    pub slug: Option<Slug>,
    /// What to call it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub name: Option<Name>,
    /// Its MCP endpoint. The inventory is read again.
    pub url: Option<String>,
    /// How to authenticate to it. The inventory is read again.
    pub auth: Option<ServerAuthRequest>,
    /// What happens to a tool whose definition changed.
    #[schema(schema_with = schema::on_tool_change)]
    pub on_tool_change: Option<OnToolChange>,
    /// What happens to calls that need counters when they cannot be reached.
    #[schema(schema_with = schema::on_limits_unavailable)]
    pub on_limits_unavailable: Option<OnLimitsUnavailable>,
}

/// How to authenticate to a server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerAuthRequest {
    /// Not at all.
    None,
    /// With headers on every request.
    Headers {
        /// The headers; at most 16.
        headers: Vec<ServerHeaderRequest>,
    },
}

/// A header with a secret value.
#[derive(Serialize, ToSchema)]
pub struct ServerHeaderRequest {
    /// Its name.
    #[schema(example = "Authorization")]
    pub name: String,
    /// Its value; sealed at once and never shown again.
    #[serde(serialize_with = "mask")]
    #[schema(value_type = String, format = Password)]
    pub value: Zeroizing<String>,
}

// SECURITY: the value is neither written nor printed.
fn mask<S: serde::Serializer>(_: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

impl std::fmt::Debug for ServerHeaderRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerHeaderRequest").field("name", &self.name).finish_non_exhaustive()
    }
}

impl FromInput for CreateServerRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (slug, name, url) = (input.optional("slug"), input.required("name"), input.required("url"));
        let auth = input.optional("auth");
        let on_tool_change = input.optional("on_tool_change");
        let on_limits_unavailable = input.optional("on_limits_unavailable");
        Some(Self { slug, name: name?, url: url?, auth, on_tool_change, on_limits_unavailable })
    }
}

impl FromInput for UpdateServerRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self {
            slug: input.optional("slug"),
            name: input.optional("name"),
            url: input.optional("url"),
            auth: input.optional("auth"),
            on_tool_change: input.optional("on_tool_change"),
            on_limits_unavailable: input.optional("on_limits_unavailable"),
        })
    }
}

impl FromInput for ServerAuthRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        match input.required::<String>("kind")?.as_str() {
            "none" => Some(Self::None),
            "headers" => Some(Self::Headers { headers: input.required("headers")? }),
            _ => {
                input.note("kind", "invalid", "must be one of `none`, `headers`");
                None
            }
        }
    }
}

impl FromInput for ServerHeaderRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (name, value) = (input.required("name"), input.required("value"));
        Some(Self { name: name?, value: value? })
    }
}
