//! `subscriptions/listen`: a stream of the modern era on which the server says what changed.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use ostiary_mcp::envelope::Request;
use ostiary_mcp::header::is_event_stream;
use ostiary_mcp::subscription::{Filter, with_filter};
use ostiary_mcp::version::Era;

use crate::body::Body;
use crate::bounds::Turn;
use crate::leg::{ask, listen_at_legacy};
use crate::listing::Listing;
use crate::notice::Notices;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::relay::{EventRelay, Purpose, Watch};
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage};
use crate::stage::parse::Message;
use crate::stage::respond::{Asked, event_stream, is_encoded, respond, rhythm};
use crate::state::State;

/// Opens the stream for as long as the client stays and its grant lives.
pub(crate) async fn listen(
    state: &Arc<State>,
    caller: Caller,
    message: &Message<'_>,
    request: &Request<'_>,
    carried: Carried,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let held = state.streams.take(&caller.grant.grant).ok_or_else(Refusal::too_many_streams)?;
    let listing = Listing::of(state, &caller).await?;
    let odd = || Refusal::invalid_params("`notifications` must say what to listen for, each once");
    let wanted = Filter::read(request.params.notifications.unwrap_or("{}")).map_err(|_| odd())?;
    // What a grant may not read it is not told of either.
    let allowed = wanted.clone().without_resources(|uri| !listing.shows_resource(uri));
    if state.known.era(state, &caller).await? == Era::Legacy {
        let body = listen_at_legacy(state, &caller, request.id.as_raw(), &allowed).await?;
        let notices = Notices::Subscription { id: request.id.to_owned(), wanted: allowed };
        let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, notices));
        let purpose = Purpose::Standalone { watch, reading: Box::new(Reading::default()) };
        return Ok(event_stream(&HeaderMap::new(), EventRelay::new(body, purpose, rhythm(state), held)));
    }
    let body = if allowed == wanted {
        message.body.clone()
    } else {
        Bytes::from(with_filter(message.body, &allowed).map_err(|_| odd())?)
    };
    let message = message.with_body(&body);
    let upstream = ask(state, &caller, &message, request, Passage::Carried(carried)).await?;
    let head = &upstream.head.headers;
    let is_stream = head.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(head);
    if upstream.head.status != StatusCode::OK || !is_stream {
        let asked = Asked { id: request.id.to_owned(), list: None, has_upstream_session: false, era: Era::Modern };
        return respond(state, upstream, asked, turn).await;
    }
    let notices = Notices::Subscription { id: request.id.to_owned(), wanted: allowed };
    let watch = Box::new(Watch::new(Arc::clone(state), caller, listing, notices));
    let reading = Box::new(Reading::default());
    let relay = EventRelay::new(upstream.body, Purpose::Standalone { watch, reading }, rhythm(state), held);
    Ok(event_stream(&upstream.head.headers, relay))
}
