//! `initialize`: how a session begins.
//!
//! With a legacy upstream it is the one exchange that is edited in both directions: the client is offered revisions that are spoken here, neither side
//! is told of capabilities that are not carried, and the session's id becomes ours.

mod revision;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use ostiary_mcp::capability::{
    Edited, Implementation, edit_initialize_request, edit_initialize_response, initialize_result,
};
use ostiary_mcp::discover::without_tasks;
use ostiary_mcp::envelope::Request;
use ostiary_mcp::error::codes;
use ostiary_mcp::header::SESSION_ID;
use ostiary_mcp::session::{SessionPayload, UpstreamSession};
use ostiary_mcp::version::{Era, LATEST, Revision, negotiate};

use crate::answer::{self, Answer};
use crate::body::Body;
use crate::headers::downwards;
use crate::known::stored_era;
use crate::refusal::{self, Reason, Refusal};
use crate::session::FIRST_OFFERED;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage, Sending, Upstream, forward};
use crate::stage::parse::Message;
use crate::state::State;
use crate::whole::{Whole, whole};

/// Capabilities of a client that are carried in its session, in bytes; longer ones are left out, to be opened later as
/// if there were none.
pub(crate) const MAX_CAPABILITIES_BYTES: usize = 2048;

/// Begins a session.
///
/// At a legacy upstream, and at one that speaks both eras, it is one of the upstream's as well. One that is modern and
/// nothing else refuses, and the gateway answers from what it knows of it.
pub(crate) async fn initialize(
    state: &Arc<State>,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    carried: Carried,
) -> Result<Response<Body>, Refusal> {
    if !state.session_rate.take(caller.grant.grant.id, state.clock.now_ms()) {
        return Err(Refusal::too_many_sessions());
    }
    if state.known.refuses_sessions(state, caller).await {
        return answered_by_us(state, caller, request).await;
    }
    let proposed = request.params.protocol_version.as_deref().unwrap_or_default();
    let offered = negotiate(proposed);
    let body = edit_initialize_request(message.body).ok().and_then(|edited| {
        let body = written(edited, message.body);
        if proposed == offered.as_str() {
            Some(body)
        } else {
            revision::replace(&body, offered.as_str()).map(Bytes::from)
        }
    });
    let body =
        body.ok_or_else(|| Refusal::invalid_params("the params must be those of `initialize`, each written once"))?;
    let sending = Sending { body: Some(body), ..Sending::message(message) };
    let upstream = match forward(state, caller, sending, Passage::Carried(carried)).await {
        Ok(upstream) => upstream,
        Err(refusal) => return in_place_of_silence(state, caller, request, refusal).await,
    };
    if upstream.head.status.is_server_error() {
        let refusal = Refusal::upstream_status(upstream.head.status);
        drop(upstream);
        return in_place_of_silence(state, caller, request, refusal).await;
    }
    if upstream.head.status.is_client_error() && upstream.head.status != StatusCode::UNAUTHORIZED {
        let status = upstream.head.status;
        drop(upstream);
        let ours = in_place_of_a_refusal(state, caller, request).await;
        return ours.unwrap_or_else(|| Err(Refusal::upstream_status(status)));
    }
    answer(state, caller, upstream, request).await
}

/// The answer of ours when the upstream refused: none when it is not modern. What a modern server answers to `initialize`
/// a broken one may answer too: only asking tells.
async fn in_place_of_a_refusal(
    state: &Arc<State>,
    caller: &Caller,
    request: &Request<'_>,
) -> Option<Result<Response<Body>, Refusal>> {
    let known = state.known.ask(state, caller).await.ok()?;
    if known.era != Era::Modern {
        return None;
    }
    state.known.refused_a_session(state, caller).await;
    Some(answered_by_us(state, caller, request).await)
}

/// The answer for an upstream that does not answer: what it said of itself when it was last read. The client's session there
/// is opened when it first needs it and the upstream answers again, and is the pool's to keep.
async fn in_place_of_silence(
    state: &Arc<State>,
    caller: &Caller,
    request: &Request<'_>,
    refusal: Refusal,
) -> Result<Response<Body>, Refusal> {
    let is_silent = matches!(
        refusal.reason(),
        Reason::CircuitOpen | Reason::UpstreamUnreachable | Reason::UpstreamTimeout | Reason::UpstreamStatus
    );
    match stored_era(caller.server()).filter(|_| is_silent) {
        Some(Era::Modern) => answered_by_us(state, caller, request).await,
        Some(Era::Legacy) if caller.server().identity.capabilities.is_some() => {
            let (_, facts) = state.known.facts(state, caller, None).await;
            let told = negotiate(request.params.protocol_version.as_deref().unwrap_or_default());
            let id = seal(state, caller, request, told, Vec::new())?;
            Ok(begun(facts.initialize(request.id, told, Era::Legacy), id))
        }
        _ => Err(refusal),
    }
}

/// The answer to `initialize` for a modern upstream.
async fn answered_by_us(state: &Arc<State>, caller: &Caller, request: &Request<'_>) -> Result<Response<Body>, Refusal> {
    let (_, facts) = state.known.facts(state, caller, None).await;
    let told = negotiate(request.params.protocol_version.as_deref().unwrap_or_default());
    let id = seal(state, caller, request, told, vec![upstream_session(caller, Revision::V2026_07_28, None)])?;
    Ok(begun(facts.initialize(request.id, told, Era::Modern), id))
}

/// A session that begins without a word of the upstream's.
fn begun(answer: Vec<u8>, id: HeaderValue) -> Response<Body> {
    let mut response = refusal::json(StatusCode::OK, answer);
    response.headers_mut().insert(SESSION_ID, id);
    response
}

fn upstream_session(caller: &Caller, revision: Revision, id: Option<String>) -> UpstreamSession {
    UpstreamSession { server: caller.server().id.to_string(), revision, id }
}

fn written(edited: Edited, original: &Bytes) -> Bytes {
    match edited {
        Edited::Unchanged => original.clone(),
        Edited::Rewritten(message) => message.into(),
    }
}

/// The upstream's answer, read whole: the id of the session, which stands in the head, depends on it.
async fn answer(
    state: &Arc<State>,
    caller: &Caller,
    upstream: Upstream,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    let Upstream { head, body, .. } = upstream;
    let Whole { frame, message } = whole(state, &head, body).await?;
    let mut headers = downwards(&head.headers);
    let message = match answer::read(&message) {
        // An upstream that refuses has begun no session.
        Some(Answer::RpcError(code)) => {
            if is_of_other_era(code)
                && let Some(ours) = in_place_of_a_refusal(state, caller, request).await
            {
                return ours;
            }
            message
        }
        Some(_) => begin(state, caller, &head.headers, &message, request, &mut headers)?,
        None => return Err(Refusal::upstream_invalid()),
    };
    let body = frame.map_or_else(|| message.clone(), |frame| frame.with_data(&message));
    let mut response = Response::new(Body::full(body));
    *response.headers_mut() = headers;
    Ok(response)
}

/// Whether an error is what a server that has no `initialize` may answer to it.
const fn is_of_other_era(code: i64) -> bool {
    matches!(
        code,
        codes::METHOD_NOT_FOUND
            | codes::INVALID_REQUEST
            | codes::INVALID_PARAMS
            | codes::HEADER_MISMATCH
            | codes::UNSUPPORTED_VERSION
    )
}

/// Seals the session that the upstream's result begins, and edits the result.
fn begin(
    state: &State,
    caller: &Caller,
    from: &HeaderMap,
    message: &Bytes,
    request: &Request<'_>,
    headers: &mut HeaderMap,
) -> Result<Bytes, Refusal> {
    let result = initialize_result(message).ok_or_else(Refusal::upstream_invalid)?;
    let upstream_revision = Revision::parse(&result.protocol_version);
    let Some(upstream_revision) = upstream_revision.filter(|revision| *revision <= LATEST) else {
        tracing::warn!(server.id = %caller.server().id, "the upstream chose a revision that is not spoken here");
        return Err(Refusal::upstream_invalid());
    };
    // A client is never told of 2025-03-26, which has batches; to it the revision after is the same otherwise.
    let told = upstream_revision.max(FIRST_OFFERED);
    let mut edited = written(edit_initialize_response(message).map_err(|_| Refusal::upstream_invalid())?, message);
    if told != upstream_revision {
        edited = revision::replace(&edited, told.as_str()).ok_or_else(Refusal::upstream_invalid)?.into();
    }
    let upstream_id = match from.get(SESSION_ID).map(HeaderValue::to_str).transpose() {
        Ok(id) => id.map(str::to_owned),
        Err(_) => return Err(Refusal::upstream_invalid()),
    };
    let upstream = upstream_session(caller, upstream_revision, upstream_id);
    headers.insert(SESSION_ID, seal(state, caller, request, told, vec![upstream])?);
    Ok(edited)
}

/// The id of a session that begins.
fn seal(
    state: &State,
    caller: &Caller,
    request: &Request<'_>,
    told: Revision,
    upstreams: Vec<UpstreamSession>,
) -> Result<HeaderValue, Refusal> {
    let params = &request.params;
    let capabilities = params.capabilities.filter(|raw| raw.len() <= MAX_CAPABILITIES_BYTES).unwrap_or("{}");
    let payload = SessionPayload {
        issued_at_ms: state.clock.now_ms(),
        grant: caller.grant.id_text.to_string(),
        endpoint: caller.server().id.to_string(),
        revision: told,
        upstreams,
        capabilities: without_tasks(capabilities).unwrap_or_else(|_| "{}".to_owned()),
        client: params.client_info.map(Implementation::of).unwrap_or_default(),
    };
    let sealed = state.sessions.seal(caller, &payload).and_then(|id| HeaderValue::from_str(&id).ok());
    sealed.ok_or_else(Refusal::upstream_invalid)
}
