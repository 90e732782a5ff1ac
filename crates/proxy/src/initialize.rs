//! `initialize`: how a session begins.
//!
//! The one exchange that is edited in both directions: the client is offered revisions that are spoken here, neither side
//! is told of capabilities that are not carried, and the session's id becomes ours.

mod revision;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use ostiary_egress::{TimedBody, collect_bounded};
use ostiary_mcp::capability::{
    Edited, Implementation, edit_initialize_request, edit_initialize_response, initialize_result,
};
use ostiary_mcp::envelope::Request;
use ostiary_mcp::header::{SESSION_ID, is_event_stream, is_json};
use ostiary_mcp::session::{SessionPayload, UpstreamSession};
use ostiary_mcp::sse::{Frame, SseParser};
use ostiary_mcp::version::{LATEST, Revision, negotiate};

use crate::answer::{self, Answer};
use crate::body::Body;
use crate::headers::downwards;
use crate::refusal::Refusal;
use crate::session::FIRST_OFFERED;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage, Sending, Upstream, forward};
use crate::stage::parse::Message;
use crate::state::State;

/// Capabilities of a client that are carried in its session, in bytes; longer ones are left out, to be opened later as
/// if there were none.
const MAX_CAPABILITIES_BYTES: usize = 2048;

/// Begins a session.
pub(crate) async fn initialize(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    carried: Carried,
) -> Result<Response<Body>, Refusal> {
    if !state.session_rate.take(caller.grant.grant.id, state.clock.now_ms()) {
        return Err(Refusal::too_many_sessions());
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
    let upstream = forward(state, caller, sending, Passage::Carried(carried)).await?;
    answer(state, caller, upstream, request).await
}

fn written(edited: Edited, original: &Bytes) -> Bytes {
    match edited {
        Edited::Unchanged => original.clone(),
        Edited::Rewritten(message) => message.into(),
    }
}

/// The upstream's answer, read whole: the id of the session, which stands in the head, depends on it.
async fn answer(
    state: &State,
    caller: &Caller,
    upstream: Upstream,
    request: &Request<'_>,
) -> Result<Response<Body>, Refusal> {
    let Upstream { head, body, settlement: _ } = upstream;
    if head.status != StatusCode::OK {
        return Err(Refusal::upstream_status(head.status));
    }
    let content_type = head.headers.get(CONTENT_TYPE);
    let (frame, message) = if content_type.is_some_and(is_event_stream) {
        let (frame, message) = first_answer(state, body).await?;
        (Some(frame), message)
    } else if content_type.is_some_and(is_json) {
        let message = collect_bounded(body, state.config.list_max_bytes).await;
        (None, message.map_err(|error| Refusal::interrupted(&error))?)
    } else {
        return Err(Refusal::upstream_invalid());
    };
    let mut headers = downwards(&head.headers);
    let message = match answer::read(&message) {
        // An upstream that refuses has begun no session.
        Some(Answer::RpcError(_)) => message,
        Some(_) => begin(state, caller, &head.headers, &message, request, &mut headers)?,
        None => return Err(Refusal::upstream_invalid()),
    };
    let body = frame.map_or_else(|| message.clone(), |frame| frame.with_data(&message));
    let mut response = Response::new(Body::full(body));
    *response.headers_mut() = headers;
    Ok(response)
}

/// Reads an event stream up to the answer. Its server has nothing more to say on it, and is not listened to.
async fn first_answer(state: &State, mut body: TimedBody<Incoming>) -> Result<(Frame, Bytes), Refusal> {
    let mut parser = SseParser::new(state.config.event_max_bytes);
    loop {
        while let Some(frame) = parser.next_frame().map_err(|_| Refusal::upstream_invalid())? {
            if let Some(data) = frame.data.clone()
                && answer::read(&data).is_some()
            {
                return Ok((frame, data));
            }
        }
        let Some(part) = body.frame().await else { return Err(Refusal::upstream_interrupted()) };
        if let Ok(data) = part.map_err(|error| Refusal::interrupted(&error))?.into_data() {
            parser.push(data);
        }
    }
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
    let params = &request.params;
    let payload = SessionPayload {
        issued_at_ms: state.clock.now_ms(),
        grant: caller.grant.id_text.to_string(),
        endpoint: caller.server().id.to_string(),
        revision: upstream_revision,
        upstreams: vec![UpstreamSession { server: caller.server().id.to_string(), id: upstream_id }],
        capabilities: params.capabilities.filter(|raw| raw.len() <= MAX_CAPABILITIES_BYTES).unwrap_or("{}").to_owned(),
        client: params.client_info.map(Implementation::of).unwrap_or_default(),
    };
    let sealed = state.sessions.seal(caller, &payload).and_then(|id| HeaderValue::from_str(&id).ok());
    headers.insert(SESSION_ID, sealed.ok_or_else(Refusal::upstream_invalid)?);
    Ok(edited)
}
