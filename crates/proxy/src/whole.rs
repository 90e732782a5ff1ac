//! Answers of upstreams that are read whole: those that the gateway asked for itself, and those that it must edit; and how
//! far into an answer it is read to find out whether it is one of those.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{StatusCode, response};
use http_body_util::BodyExt;
use ostiary_egress::{EgressError, collect_bounded};
use ostiary_mcp::header::{is_event_stream, is_json};
use ostiary_mcp::sse::{Frame, SseParser};

use crate::answer;
use crate::refusal::Refusal;
use crate::state::State;
use crate::upstream_body::UpstreamBody;

/// An answer, with the event that it came in if it came in one.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) frame: Option<Frame>,
    pub(crate) message: Bytes,
}

/// Reads the answer to a request.
///
/// # Errors
///
/// When it is none, or breaks off.
pub(crate) async fn whole(state: &State, head: &response::Parts, body: UpstreamBody) -> Result<Whole, Refusal> {
    if head.status != StatusCode::OK {
        return Err(Refusal::upstream_status(head.status));
    }
    let content_type = head.headers.get(CONTENT_TYPE);
    if content_type.is_some_and(is_event_stream) {
        return first_answer(state, body).await;
    }
    if !content_type.is_some_and(is_json) {
        return Err(Refusal::upstream_invalid());
    }
    let message = collect_bounded(body, state.config.list_max_bytes).await;
    Ok(Whole { frame: None, message: message.map_err(|error| Refusal::interrupted(&error))? })
}

/// Reads an event stream up to the answer. Its server has nothing more to say on it, and is not listened to.
async fn first_answer(state: &State, mut body: UpstreamBody) -> Result<Whole, Refusal> {
    let mut parser = SseParser::new(state.config.event_max_bytes);
    loop {
        while let Some(frame) = parser.next_frame().map_err(|_| Refusal::upstream_invalid())? {
            if let Some(message) = frame.data.clone()
                && answer::read(&message).is_some()
            {
                return Ok(Whole { frame: Some(frame), message });
            }
        }
        let Some(part) = body.frame().await else { return Err(Refusal::upstream_interrupted()) };
        if let Ok(data) = part.map_err(|error| Refusal::interrupted(&error))?.into_data() {
            parser.push(data);
        }
    }
}

/// The beginning of an answer.
#[derive(Debug)]
pub(crate) enum Begun {
    /// All of it.
    Whole(Bytes),
    /// What was read of a large one, and what is still to come.
    Part(Bytes, UpstreamBody),
}

/// Reads until the body ends or is larger than `max_bytes`.
///
/// The pieces are joined as they come: kept apart, pieces of a byte each would take many times what they hold.
///
/// # Errors
///
/// When it breaks off.
pub(crate) async fn begin(mut body: UpstreamBody, max_bytes: usize) -> Result<Begun, EgressError> {
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    let both = |first: Bytes, joined: BytesMut| if joined.is_empty() { first } else { joined.freeze() };
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.is_empty() && joined.is_empty() {
            // Most messages come in one piece, which is then the message, uncopied.
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
        if first.len().max(joined.len()) > max_bytes {
            return Ok(Begun::Part(both(first, joined), body));
        }
    }
    Ok(Begun::Whole(both(first, joined)))
}
