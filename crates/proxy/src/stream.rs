//! The parts of a session that are no messages: its standalone stream (GET) and its end (DELETE).

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use ostiary_mcp::header::{Accepted, EVENT_STREAM, LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID, is_event_stream};
use ostiary_mcp::version::{Era, era_of_request, header_is_supported};

use crate::account::standing::is_ended;
use crate::body::Body;
use crate::bounds::StreamPlace;
use crate::headers::UpstreamFacts;
use crate::leg::{era_for, late_stream, listen_for_legacy, reading_for_legacy};
use crate::listing::Listing;
use crate::notice::Notices;
use crate::reading::{EventIds, Reading};
use crate::refusal::Refusal;
use crate::relay::{EventRelay, Purpose, Watch};
use crate::seals::Kind;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, Upstream, forward};
use crate::stage::parse::session;
use crate::stage::respond::{event_stream, is_encoded, rhythm};
use crate::state::State;

pub(crate) const ALLOW_WITHOUT_GET: &str = "POST, DELETE";
const ALLOW_WITHOUT_DELETE: &str = "POST, GET";

/// Opens the stream on which the upstream says what no request asked for, or resumes one that broke.
pub(crate) async fn open_stream(
    state: &Arc<State>,
    caller: Caller,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    if !Accepted::of(headers).event_stream {
        return Err(Refusal::not_acceptable("the client must accept text/event-stream"));
    }
    if !headers.contains_key(SESSION_ID) {
        // Clients look for the transport of before the sessions with such a request, and give that up on a 405.
        return Err(Refusal::method_not_allowed(ALLOW_WITHOUT_GET));
    }
    let session = supported_session(state, &caller, headers, ALLOW_WITHOUT_GET)?;
    let held = state.streams.take(&caller.grant.grant).ok_or_else(Refusal::too_many_streams)?;
    let listing = Listing::of(state, &caller).await?;
    let is_late = session.is_without_upstream();
    if is_late && is_ended(state, caller.account_id(), &session.text).await {
        return Err(Refusal::session_not_found());
    }
    let era = match is_late {
        // Silent as it may be still, it is what it was.
        true => era_for(state, &caller, &session).await.unwrap_or(Era::Legacy),
        false => session.upstream_era(),
    };
    if era == Era::Modern {
        return changes_for_legacy(state, caller, &session, listing, held).await;
    }
    let seal = state.seals.of(&caller, Kind::EventId, &[&session.text]);
    let last_event_id = match headers.get(LAST_EVENT_ID).map(HeaderValue::to_str) {
        // An id that was not given to this session is as unknown as a session that is not the caller's.
        Some(id) => Some(id.ok().and_then(|id| seal.open(id)).ok_or_else(Refusal::session_not_found)?),
        None => None,
    };
    if is_late {
        let body = late_stream(state, &caller, &session, last_event_id);
        let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, Notices::Session));
        let reading = Box::new(Reading { ids: EventIds::Sealed(seal), ..Reading::default() });
        let relay = EventRelay::new(body, Purpose::Standalone { watch, reading }, rhythm(state), held);
        return Ok(event_stream(&HeaderMap::new(), relay));
    }
    let facts = UpstreamFacts { last_event_id: last_event_id.as_deref(), ..session.upstream_facts() };
    let upstream = send(state, &caller, facts, Method::GET, headers, EVENT_STREAM).await?;
    let head = &upstream.head.headers;
    let is_readable = head.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(head);
    match upstream.head.status {
        StatusCode::OK if is_readable => {
            let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, Notices::Session));
            let reading = Box::new(Reading { ids: EventIds::Sealed(seal), ..Reading::default() });
            let relay = EventRelay::new(upstream.body, Purpose::Standalone { watch, reading }, rhythm(state), held);
            Ok(event_stream(&upstream.head.headers, relay))
        }
        StatusCode::METHOD_NOT_ALLOWED => Err(Refusal::method_not_allowed(ALLOW_WITHOUT_GET)),
        StatusCode::NOT_FOUND if session.has_upstream_id() => Err(Refusal::session_not_found()),
        status if status.is_success() => Err(Refusal::upstream_invalid().without_request()),
        status => Err(Refusal::upstream_status(status).without_request()),
    }
}

/// The standalone stream where the upstream has none: what it tells of changes.
async fn changes_for_legacy(
    state: &Arc<State>,
    caller: Caller,
    session: &Session,
    listing: Listing,
    held: StreamPlace,
) -> Result<Response<Body>, Refusal> {
    let upstream = listen_for_legacy(state, &caller, session).await.map_err(Refusal::without_request)?;
    let head = &upstream.head.headers;
    if upstream.head.status != StatusCode::OK
        || !head.get(CONTENT_TYPE).is_some_and(is_event_stream)
        || is_encoded(head)
    {
        return Err(Refusal::method_not_allowed(ALLOW_WITHOUT_GET));
    }
    let reading = Box::new(reading_for_legacy());
    let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, Notices::Session));
    let relay = EventRelay::new(upstream.body, Purpose::Standalone { watch, reading }, rhythm(state), held);
    Ok(event_stream(&upstream.head.headers, relay))
}

/// Ends a session at the upstream. Our own is sealed and not stored, so an upstream without sessions has nothing to end.
pub(crate) async fn end_session(
    state: &State,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refusal> {
    let session = supported_session(state, caller, headers, ALLOW_WITHOUT_DELETE)?;
    let mut response = Response::new(Body::empty());
    if session.is_without_upstream() {
        end_late(state, caller, &session).await?;
    }
    if !session.has_upstream_id() {
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    }
    let upstream = send(state, caller, session.upstream_facts(), Method::DELETE, headers, ANY_ANSWER).await?;
    match upstream.head.status {
        status if status.is_success() => {
            *response.status_mut() = StatusCode::NO_CONTENT;
            Ok(response)
        }
        StatusCode::METHOD_NOT_ALLOWED => Err(Refusal::method_not_allowed(ALLOW_WITHOUT_DELETE)),
        StatusCode::NOT_FOUND => Err(Refusal::session_not_found()),
        status => Err(Refusal::upstream_status(status).without_request()),
    }
}

/// Ends a session that began while the upstream was silent, and what it has there by now.
async fn end_late(state: &State, caller: &Caller, session: &Session) -> Result<(), Refusal> {
    if is_ended(state, caller.account_id(), &session.text).await {
        return Err(Refusal::session_not_found());
    }
    state.shared.end(caller.account_id(), &session.text).await.map_err(|_| Refusal::unavailable())?;
    state.standings.end(&session.text);
    state.pool.end(state, caller, session).await;
    Ok(())
}

/// The session of a request that has no body. In the modern era there is no such request: 405, which makes its clients
/// use POST.
fn supported_session(
    state: &State,
    caller: &Caller,
    headers: &HeaderMap,
    allow: &'static str,
) -> Result<Session, Refusal> {
    if let Some(version) = headers.get(PROTOCOL_VERSION) {
        let version = version.to_str().unwrap_or("?");
        if era_of_request(None, Some(version)) == Era::Modern {
            return Err(Refusal::method_not_allowed(allow));
        }
        if !header_is_supported(version) {
            return Err(Refusal::unsupported_version(&version.chars().take(64).collect::<String>()));
        }
    }
    session(state, caller, headers)
}

async fn send(
    state: &State,
    caller: &Caller,
    facts: UpstreamFacts<'_>,
    method: Method,
    headers: &HeaderMap,
    accept: &'static str,
) -> Result<Upstream, Refusal> {
    let sending = Sending { method, headers, accept, facts, body: None };
    let passage = Passage::Carried(Carried::without_message());
    forward(state, caller, sending, passage).await.map_err(Refusal::without_request)
}
