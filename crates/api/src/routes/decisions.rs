//! The log of calls.

pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod stream;

use ostiary_model::decision::Outcome;
use ostiary_model::{GrantId, PolicyId, ServerId};
use ostiary_storage::DecisionFilter;
use utoipa::IntoParams;

use crate::dto::schema;
use crate::extract::{FromQuery, QueryInput};

/// Which decisions: those that fit every parameter that is given. Read by [`Filter`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters that are read by name")]
pub(crate) struct FilterParams {
    /// Of this server.
    #[param(value_type = Option<String>)]
    server_id: Option<ServerId>,
    /// Of this grant.
    #[param(value_type = Option<String>)]
    grant_id: Option<GrantId>,
    /// Decided by this policy.
    #[param(value_type = Option<String>)]
    policy_id: Option<PolicyId>,
    /// Of this tool, resource or prompt, exactly.
    target: Option<String>,
    /// Of this MCP method.
    method: Option<String>,
    /// With this outcome.
    #[param(schema_with = schema::outcome, required = false)]
    outcome: Option<Outcome>,
    /// With this code.
    code: Option<String>,
    /// At or after this time.
    since: Option<chrono::DateTime<chrono::Utc>>,
    /// Before this time.
    until: Option<chrono::DateTime<chrono::Utc>>,
}

/// The filter of a request.
#[derive(Debug)]
pub(crate) struct Filter(pub(crate) DecisionFilter);

impl FromQuery for Filter {
    fn from_query(input: &mut QueryInput) -> Self {
        Self(DecisionFilter {
            server_id: input.optional("server_id", "must be the id of a server"),
            grant_id: input.optional("grant_id", "must be the id of a grant"),
            policy_id: input.optional("policy_id", "must be the id of a policy"),
            target: input.text("target"),
            method: input.text("method"),
            outcome: input.optional("outcome", "must be an outcome"),
            code: input.text("code"),
            since: input.time("since"),
            until: input.time("until"),
        })
    }
}
