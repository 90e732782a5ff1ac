//! Decisions.

use chrono::{DateTime, Utc};
use ostiary_model::decision::{EndingResult, Outcome};
use ostiary_model::tool::Category;
use ostiary_model::{DecisionId, GrantId, Mode, PolicyId, ServerId};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;

/// The log record of one call.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Decision {
    /// Id.
    #[schema(value_type = String)]
    pub id: DecisionId,
    /// When the call was decided.
    pub time: DateTime<Utc>,
    /// The server it was for.
    #[schema(value_type = String)]
    pub server_id: ServerId,
    /// The server's slug at that time.
    pub server_slug: String,
    /// The grant that called.
    #[schema(value_type = String)]
    pub grant_id: GrantId,
    /// The grant's label at that time.
    pub grant_label: String,
    /// Tells sessions apart; null without a session.
    pub session: Option<String>,
    /// What the client calls itself.
    pub client_name: Option<String>,
    /// The version it claims.
    pub client_version: Option<String>,
    /// The protocol revision of the call.
    pub protocol_version: Option<String>,
    /// The MCP method.
    #[schema(example = "tools/call")]
    pub method: String,
    /// The tool, resource or prompt that was called.
    #[schema(example = "create_session")]
    pub target: Option<String>,
    /// The tool's category.
    #[schema(schema_with = schema::category_or_null)]
    pub category: Option<Category>,
    /// The policy that decided.
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<PolicyId>,
    /// Its version.
    pub policy_version: Option<i64>,
    /// Whether denials were enforced.
    #[schema(schema_with = schema::mode)]
    pub mode: Mode,
    /// What became of the call.
    #[schema(schema_with = schema::outcome)]
    pub outcome: Outcome,
    /// Why, when it was not simply allowed.
    #[schema(example = "rate_limited")]
    pub code: Option<String>,
    /// The JSON Pointer of the deciding rule.
    #[schema(example = "/tools/create_session/limits/0")]
    pub rule: Option<String>,
    /// What the agent was told.
    pub message: Option<String>,
    /// Names of the arguments, never their values.
    pub argument_names: Vec<String>,
    /// A keyed hash of the arguments: equal calls have equal hashes.
    pub argument_hash: Option<String>,
    /// The trace it belongs to.
    pub trace_id: Option<String>,
    /// Bytes of the call.
    pub bytes_in: i64,
    /// Microseconds in the gateway before the call was forwarded or answered.
    pub gateway_us: i64,
    /// How it ended; null while that is not known.
    pub ending: Option<Ending>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ending {
    /// What is known of it.
    #[schema(schema_with = schema::ending_result)]
    pub result: EndingResult,
    /// HTTP status of the upstream.
    pub upstream_status: Option<u16>,
    /// Bytes of the answer.
    pub bytes_out: i64,
    /// Milliseconds the upstream took.
    pub upstream_ms: i64,
}

impl From<ostiary_model::Decision> for Decision {
    fn from(decision: ostiary_model::Decision) -> Self {
        Self {
            id: decision.id,
            time: decision.time,
            server_id: decision.server_id,
            server_slug: decision.server_slug,
            grant_id: decision.grant_id,
            grant_label: decision.grant_label,
            session: decision.session,
            client_name: decision.client_name,
            client_version: decision.client_version,
            protocol_version: decision.protocol_version,
            method: decision.method,
            target: decision.target,
            category: decision.category,
            policy_id: decision.policy_id,
            policy_version: decision.policy_version,
            mode: decision.mode,
            outcome: decision.outcome,
            code: decision.code,
            rule: decision.rule,
            message: decision.message,
            argument_names: decision.argument_names,
            argument_hash: decision.argument_hash,
            trace_id: decision.trace_id,
            bytes_in: decision.bytes_in,
            gateway_us: decision.gateway_us,
            ending: decision.ending.map(Ending::from),
        }
    }
}

impl From<ostiary_model::decision::Ending> for Ending {
    fn from(ending: ostiary_model::decision::Ending) -> Self {
        Self {
            result: ending.result,
            upstream_status: ending.upstream_status,
            bytes_out: ending.bytes_out,
            upstream_ms: ending.upstream_ms,
        }
    }
}
