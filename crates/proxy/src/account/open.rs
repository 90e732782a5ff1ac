//! How a session at the account's endpoint begins.

use std::sync::Arc;

use http::{HeaderValue, Response, StatusCode};
use ostiary_mcp::capability::Implementation;
use ostiary_mcp::discover::without_tasks;
use ostiary_mcp::envelope::Request;
use ostiary_mcp::header::SESSION_ID;
use ostiary_mcp::session::SessionPayload;
use ostiary_mcp::version::{Era, negotiate};

use crate::account::describe::facts;
use crate::body::Body;
use crate::initialize::MAX_CAPABILITIES_BYTES;
use crate::refusal::{self, Refusal};
use crate::stage::authenticate::Visitor;
use crate::state::State;

/// Where a session of the account's endpoint was opened, in place of a server.
const ENDPOINT: &str = "account";

/// Begins a session. There is none at any upstream yet.
pub(super) async fn initialize(
    state: &Arc<State>,
    visitor: &Visitor,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    if !state.session_rate.take(visitor.grant.grant.id, state.clock.now_ms()) {
        return Err(Refusal::too_many_sessions());
    }
    let facts = facts(state, visitor, Era::Legacy).await;
    let params = &request.params;
    let told = negotiate(params.protocol_version.as_deref().unwrap_or_default());
    let capabilities = params.capabilities.filter(|raw| raw.len() <= MAX_CAPABILITIES_BYTES).unwrap_or("{}");
    let payload = SessionPayload {
        issued_at_ms: state.clock.now_ms(),
        grant: visitor.grant.id_text.to_string(),
        endpoint: ENDPOINT.to_owned(),
        revision: told,
        upstreams: Vec::new(),
        capabilities: without_tasks(capabilities).unwrap_or_else(|_| "{}".to_owned()),
        client: params.client_info.map(Implementation::of).unwrap_or_default(),
    };
    let id = state.sessions.seal(visitor, &payload).and_then(|id| HeaderValue::from_str(&id).ok());
    let id = id.ok_or_else(|| Refusal::invalid_params("what the client says of itself is too long"))?;
    let mut response = refusal::json(StatusCode::OK, facts.initialize(request.id, told, Era::Legacy));
    response.headers_mut().insert(SESSION_ID, id);
    Ok(response)
}
