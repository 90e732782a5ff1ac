//! Stage 5: the request to the upstream.
//!
//! The bytes that were judged are the bytes that are sent. Nothing is sent twice: once a byte may have left, the call
//! may have run.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, response};
use http_body_util::Full;
use ostiary_egress::TimedBody;
use tokio::time::Instant;

use crate::circuit::Circuit;
use crate::headers::{UpstreamFacts, upwards};
use crate::reading::Reading;
use crate::refusal::Refusal;
use crate::stage::admit::Reserved;
use crate::stage::authenticate::Caller;
use crate::stage::parse::{Errand, Message};
use crate::stage::settle::Settlement;
use crate::state::State;
use crate::upstream_body::UpstreamBody;

/// What entitles a message to be forwarded.
#[derive(Debug)]
pub(crate) enum Passage {
    /// It is a call, and was decided, reserved and recorded.
    Reserved(Reserved),
    /// It is no call.
    Carried(Carried),
}

/// A message that the policy has no say in: the frame around calls, and lists, whose answers are filtered.
#[derive(Debug)]
pub(crate) struct Carried(());

impl Carried {
    /// The passage of a message; none when it is a call, or one that does not go to the upstream at all.
    pub(crate) const fn of(errand: &Errand<'_, '_>) -> Option<Self> {
        match errand {
            Errand::Initialize(_) | Errand::List(..) | Errand::Listen(_) | Errand::Carry(_) | Errand::Deliver => {
                Some(Self(()))
            }
            Errand::Call(..) | Errand::Ping(_) | Errand::Discover(_) | Errand::Swallow => None,
        }
    }

    /// The passage of a stream or of the end of a session: they have no message.
    pub(crate) const fn without_message() -> Self {
        Self(())
    }
}

impl Passage {
    /// From here on a call may reach its upstream.
    pub(crate) fn begin(self, state: &State) -> Option<Settlement> {
        match self {
            Self::Reserved(reserved) => {
                Some(Settlement::new(reserved.into_permit().send(), Arc::clone(&state.metrics)))
            }
            Self::Carried(Carried(())) => None,
        }
    }
}

/// A request to the upstream but for its address and credentials.
#[derive(Debug)]
pub(crate) struct Sending<'a> {
    pub(crate) method: Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) accept: &'static str,
    pub(crate) facts: UpstreamFacts<'a>,
    pub(crate) body: Option<Bytes>,
}

/// What both kinds of answers to a POST are asked for with.
pub(crate) const ANY_ANSWER: &str = "application/json, text/event-stream";

impl<'a> Sending<'a> {
    /// A message as it came.
    pub(crate) fn message(message: &'a Message<'_>) -> Self {
        Self {
            method: Method::POST,
            headers: message.headers,
            accept: ANY_ANSWER,
            facts: message.session().map_or_else(UpstreamFacts::default, |session| session.upstream_facts()),
            body: Some(message.body.clone()),
        }
    }
}

/// The head of an upstream's answer, with the rest to come.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) head: response::Parts,
    pub(crate) body: UpstreamBody,
    /// Of a call only.
    pub(crate) settlement: Option<Settlement>,
    /// How its messages are read.
    pub(crate) reading: Reading,
}

/// Sends a request and waits for the head of the answer. Dropping the future cancels the request.
///
/// # Errors
///
/// What the client is told when there is no answer; the call is settled then.
pub(crate) async fn forward(
    state: &State,
    caller: &Caller,
    sending: Sending<'_>,
    passage: Passage,
) -> Result<Upstream, Refusal> {
    let settlement = passage.begin(state);
    transmit(state, caller, sending, settlement).await
}

/// The same for a message whose passage has begun.
pub(crate) async fn transmit(
    state: &State,
    caller: &Caller,
    sending: Sending<'_>,
    mut settlement: Option<Settlement>,
) -> Result<Upstream, Refusal> {
    let circuit = state.circuits.of(caller.server());
    let request = match prepare(state, caller, sending, &circuit).await {
        Ok(request) => request,
        Err(refusal) => {
            if let Some(settlement) = settlement {
                settlement.unreachable();
            }
            return Err(refusal);
        }
    };
    match state.upstream.send(request, state.config.first_byte).await {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            circuit.answered(head.status, state.clock.now_ms());
            if let Some(settlement) = &mut settlement {
                settlement.answered(head.status);
            }
            let deadline = Instant::now().checked_add(state.config.call_max);
            let body = UpstreamBody::wire(TimedBody::new(body, state.config.idle, deadline));
            Ok(Upstream { head, body, settlement, reading: Reading::default() })
        }
        Err(error) => {
            circuit.failed(&error, state.clock.now_ms());
            tracing::warn!(server.id = %caller.server().id, code = error.code(), "the upstream did not answer");
            if let Some(settlement) = settlement {
                settlement.failed(&error);
            }
            Err(Refusal::egress(&error))
        }
    }
}

/// The request, if it may be tried at all.
async fn prepare(
    state: &State,
    caller: &Caller,
    sending: Sending<'_>,
    circuit: &Circuit,
) -> Result<Request<Full<Bytes>>, Refusal> {
    let credentials = caller.endpoint.credentials(&state.credentials).await.map_err(|error| {
        tracing::error!(server.id = %caller.server().id, %error, "a call cannot be sent");
        Refusal::unavailable()
    })?;
    if !circuit.lets_through(state.clock.now_ms()) {
        return Err(Refusal::circuit_open());
    }
    Ok(request(caller, sending, credentials))
}

fn request(caller: &Caller, sending: Sending<'_>, credentials: &HeaderMap) -> Request<Full<Bytes>> {
    let mut headers = upwards(sending.headers, sending.accept, sending.facts, credentials);
    if sending.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let mut request = Request::new(Full::new(sending.body.unwrap_or_default()));
    *request.method_mut() = sending.method;
    *request.headers_mut() = headers;
    // A URL that was registered parses as an address; one that does not is refused by the egress guard as it stands.
    *request.uri_mut() = caller.server().url.as_str().parse().unwrap_or_default();
    request
}
