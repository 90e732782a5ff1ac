//! A stream of the account's endpoint that broke, gone on with where its client left.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Response, StatusCode};
use ostiary_mcp::header::{EVENT_STREAM, LAST_EVENT_ID, is_event_stream};

use crate::body::Body;
use crate::headers::UpstreamFacts;
use crate::listing::Listing;
use crate::notice::Notices;
use crate::origin::{Origin, Returned, Within, returned};
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::relay::{EventRelay, Purpose, Watch};
use crate::seals::Kind;
use crate::session::{Session, version_header};
use crate::stage::authenticate::Visitor;
use crate::stage::forward::{Carried, Passage, Sending, forward};
use crate::stage::respond::{event_stream, is_encoded, rhythm};
use crate::state::State;

/// The event that a client saw last, if it says so.
///
/// # Errors
///
/// 404 for one that was not given to this session: it is as unknown as a session that is not the caller's.
pub(super) fn last_event(
    state: &State,
    visitor: &Visitor,
    session: &Session,
    headers: &HeaderMap,
) -> Result<Option<Returned>, Refusal> {
    let Some(id) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let read = id.to_str().ok().and_then(|id| returned(state, visitor, session, Kind::EventId, id));
    read.map(Some).ok_or_else(Refusal::session_not_found)
}

/// The rest of the stream of one request.
///
/// # Errors
///
/// What the upstream fails with.
pub(super) async fn resume(
    state: &Arc<State>,
    visitor: &Visitor,
    session: &Session,
    last: Returned,
) -> Result<Response<Body>, Refusal> {
    let held = state.streams.take(&visitor.grant.grant).ok_or_else(Refusal::too_many_streams)?;
    let Returned { caller, place, what, .. } = last;
    let facts = UpstreamFacts {
        session: place.session.as_deref(),
        revision: version_header(place.revision),
        last_event_id: Some(&what),
        ..UpstreamFacts::default()
    };
    let headers = HeaderMap::new();
    let sending = Sending { method: Method::GET, headers: &headers, accept: EVENT_STREAM, facts, body: None };
    let passage = Passage::Carried(Carried::without_message());
    let upstream = forward(state, &caller, sending, passage).await.map_err(Refusal::without_request)?;
    let head = &upstream.head.headers;
    let is_readable = head.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(head);
    match upstream.head.status {
        StatusCode::OK if is_readable => {}
        status if status.is_success() => return Err(Refusal::upstream_invalid().without_request()),
        // The session there is lost, and the stream with it; the client's own lives.
        status => return Err(Refusal::upstream_status(status).without_request()),
    }
    let listing = Listing::of(state, &caller).await?;
    let origin = Origin::within(caller.server().slug.as_str(), Within::new(state, &caller, session, place));
    let reading = Box::new(Reading { origin: Some(origin), ..Reading::default() });
    let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, Notices::Silent));
    let purpose = Purpose::Standalone { watch, reading };
    Ok(event_stream(&upstream.head.headers, EventRelay::new(upstream.body, purpose, rhythm(state), held)))
}
