//! Stage 6: the upstream's answer to a request, on its way to the client.
//!
//! JSON stays JSON and an event stream stays one. Nothing is held back but a JSON message that is small, or is a list:
//! it is of use only as a whole, and read whole it can be judged, and replaced by a clear error when it breaks off.

mod json_relay;

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode, response};
use ostiary_egress::collect_bounded;
use ostiary_mcp::ListKind;
use ostiary_mcp::envelope::RequestIdBuf;
use ostiary_mcp::error::codes;
use ostiary_mcp::header::{is_event_stream, is_json};
use ostiary_mcp::lists::Filtered;
use ostiary_mcp::version::Era;

use crate::answer::{self, Answer};
use crate::body::Body;
use crate::bounds::Turn;
use crate::headers::downwards;
use crate::listing::Listing;
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::relay::{EventRelay, Purpose, Rhythm};
use crate::stage::forward::Upstream;
use crate::stage::settle::Settlement;
use crate::state::State;
use crate::upstream_body::UpstreamBody;
use crate::whole::{Begun, begin};

use json_relay::JsonRelay;

/// Largest body of an HTTP error that is looked at, in bytes.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// Proxies that buffer must not hold back an event stream.
pub(crate) const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The request that is answered.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: RequestIdBuf,
    /// The list it asked for, and what of it may be seen.
    pub(crate) list: Option<(ListKind, Listing)>,
    /// Whether the upstream was told a session of the client's own.
    pub(crate) has_upstream_session: bool,
    /// The era of the client.
    pub(crate) era: Era,
}

/// Passes an answer on.
///
/// # Errors
///
/// What the client is told instead of an answer that is none, or must not be passed on; the call is settled then.
pub(crate) async fn respond(
    state: &State,
    upstream: Upstream,
    asked: Asked,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let Upstream { head, body, settlement, mut reading } = upstream;
    if head.status != StatusCode::OK {
        reading.answered();
        return Box::pin(http_error(head, body, settlement, reading, &asked)).await;
    }
    match head.headers.get(CONTENT_TYPE) {
        _ if is_encoded(&head.headers) => Err(invalid(settlement)),
        Some(content_type) if is_event_stream(content_type) => {
            let purpose = Purpose::Request { id: asked.id, list: asked.list, settlement, reading: Box::new(reading) };
            Ok(event_stream(&head.headers, EventRelay::new(body, purpose, rhythm(state), turn)))
        }
        Some(content_type) if is_json(content_type) => json(state, &head, body, settlement, asked, reading, turn).await,
        _ => Err(invalid(settlement)),
    }
}

/// No encoding was offered, and what is encoded cannot be read.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

/// The bounds of streams.
pub(crate) const fn rhythm(state: &State) -> Rhythm {
    Rhythm {
        event_max_bytes: state.config.event_max_bytes,
        keep_alive: state.config.keep_alive,
        patience: state.config.stalled_reader,
    }
}

/// The head of an answer that is an event stream.
pub(crate) fn event_stream<H>(from: &HeaderMap, relay: EventRelay<UpstreamBody, H>) -> Response<Body>
where
    H: Send + Unpin + 'static,
{
    let patience = relay.patience();
    let mut response = Response::new(Body::relayed(relay, patience));
    let headers = response.headers_mut();
    *headers = downwards(from);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

async fn json(
    state: &State,
    head: &response::Parts,
    body: UpstreamBody,
    settlement: Option<Settlement>,
    Asked { list, era, .. }: Asked,
    mut reading: Reading,
    turn: Turn,
) -> Result<Response<Body>, Refusal> {
    let is_read = list.is_some() || reading.edits();
    let max_bytes = if is_read { state.config.list_max_bytes } else { state.config.peek_max_bytes };
    let mut response = match begin(body, max_bytes).await {
        Ok(Begun::Whole(message)) => {
            reading.answered();
            let (message, answer) = whole(message, settlement, list, &reading)?;
            let mut response = Response::new(Body::full(message));
            // A method that is not known is a 404 in the modern era, and a lost session in the legacy one.
            if era == Era::Modern && answer == Answer::RpcError(codes::METHOD_NOT_FOUND) {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            response
        }
        // A list that is too large to be read is not passed on unread.
        Ok(Begun::Part(..)) if list.is_some() => return Err(invalid(settlement)),
        Ok(Begun::Part(begun, rest)) => {
            let relay = JsonRelay::new(begun, rest, settlement, reading, turn);
            Response::new(Body::relayed(relay, state.config.stalled_reader))
        }
        Err(error) => {
            if let Some(settlement) = settlement {
                settlement.failed(&error);
            }
            return Err(Refusal::interrupted(&error));
        }
    };
    *response.headers_mut() = downwards(&head.headers);
    Ok(response)
}

/// A message that was read whole.
fn whole(
    message: Bytes,
    settlement: Option<Settlement>,
    list: Option<(ListKind, Listing)>,
    reading: &Reading,
) -> Result<(Bytes, Answer), Refusal> {
    let Some(answer) = answer::read(&message) else { return Err(invalid(settlement)) };
    let message = match list {
        // SECURITY: an error is filtered too: some clients would read a result that stands beside it.
        Some((kind, listing)) => match listing.filter(&message, (answer == Answer::Result).then_some(kind)) {
            Ok(Filtered::Unchanged) => message,
            Ok(Filtered::Rewritten(message)) => message.into(),
            Err(error) => {
                tracing::warn!(%error, "an upstream's list cannot be passed on");
                return Err(invalid(settlement));
            }
        },
        None => message,
    };
    let message = match reading.message(&message) {
        Ok(Some(Cow::Borrowed(_))) => message,
        Ok(Some(Cow::Owned(message))) => message.into(),
        Ok(None) | Err(_) => return Err(invalid(settlement)),
    };
    if let Some(mut settlement) = settlement {
        settlement.passed(message.len());
        settlement.answer(answer);
    }
    Ok((message, answer))
}

fn invalid(settlement: Option<Settlement>) -> Refusal {
    if let Some(settlement) = settlement {
        settlement.broken();
    }
    Refusal::upstream_invalid()
}

/// An answer with another status than 200.
///
/// A JSON-RPC error for this very request is passed on as it came, with the status, when the status is about the
/// request. Every other status is told in an error of ours.
async fn http_error(
    head: response::Parts,
    body: UpstreamBody,
    settlement: Option<Settlement>,
    reading: Reading,
    asked: &Asked,
) -> Result<Response<Body>, Refusal> {
    let status = head.status;
    if status.is_success() {
        return Err(invalid(settlement));
    }
    let is_about_the_request = matches!(status.as_u16(), 400 | 405 | 406 | 409 | 413 | 415 | 422 | 429);
    let is_lost_session = status == StatusCode::NOT_FOUND && asked.has_upstream_session;
    let error = if is_about_the_request || (status == StatusCode::NOT_FOUND && !is_lost_session) {
        let error = collect_bounded(body, ERROR_MAX_BYTES).await.unwrap_or_default();
        let error = match reading.message(&error) {
            Ok(Some(Cow::Owned(error))) => error.into(),
            _ => error,
        };
        answer::is_error_for(&error, asked.id.as_ref().as_raw()).then_some(error)
    } else {
        None
    };
    if let Some(mut settlement) = settlement {
        settlement.passed(error.as_ref().map_or(0, Bytes::len));
        settlement.http_error(status);
    }
    match error {
        Some(error) => {
            let mut response = Response::new(Body::full(error));
            *response.status_mut() = match asked.era {
                Era::Modern => status,
                // To a client with a session a 404 says that the session is lost.
                Era::Legacy if status == StatusCode::NOT_FOUND => StatusCode::OK,
                Era::Legacy => status,
            };
            *response.headers_mut() = downwards(&head.headers);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(response)
        }
        None if is_lost_session => Err(Refusal::session_not_found()),
        None => Err(Refusal::upstream_status(status)),
    }
}
