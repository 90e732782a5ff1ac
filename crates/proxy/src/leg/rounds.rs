//! A modern upstream that asks for input, before a legacy client: what it asks becomes requests on the call's stream,
//! and their answers the next round.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use ostiary_mcp::envelope::RequestIdBuf;
use ostiary_mcp::header::{is_event_stream, is_json};
use ostiary_mcp::round::{self, InputRequired};
use ostiary_mcp::sse::{Piece, SseParser};

use crate::answer;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Sending, Upstream, transmit};
use crate::state::State;
use crate::upstream_body::{Pipe, UpstreamBody};
use crate::whole::{Begun, begin, whole};

/// How often an upstream may ask within one call.
const ROUNDS: usize = 10;
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// A call that may take several rounds.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) state: Arc<State>,
    pub(super) caller: Caller,
    pub(super) id: RequestIdBuf,
    pub(super) session: Arc<str>,
    /// The client's capabilities, raw.
    pub(super) capabilities: String,
    /// The request's headers, as they go up.
    pub(super) headers: HeaderMap,
    /// The modern request, without input.
    pub(super) body: Bytes,
    /// What the headers repeat of it.
    pub(super) method: String,
    pub(super) name: Option<String>,
}

/// The first answer, with all further rounds in it. An answer in JSON that asks for nothing stays what it is.
///
/// # Errors
///
/// When a JSON answer breaks off; the call is settled then.
pub(super) async fn continued(call: Call, first: Upstream) -> Result<Upstream, Refusal> {
    if first.head.status != StatusCode::OK {
        return Ok(first);
    }
    let Upstream { mut head, body, settlement, reading } = first;
    if head.headers.get(CONTENT_TYPE).is_some_and(is_event_stream) {
        let body = UpstreamBody::piped(|pipe| call.go_on(pipe, Come::Stream(body)));
        return Ok(Upstream { head, body, settlement, reading });
    }
    if !head.headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return Ok(Upstream { head, body, settlement, reading });
    }
    let answer = match begin(body, call.state.config.list_max_bytes).await {
        Ok(Begun::Whole(answer)) => answer,
        // Nobody asks for input at such length.
        Ok(Begun::Part(read, rest)) => {
            return Ok(Upstream { head, body: UpstreamBody::begun(read, rest), settlement, reading });
        }
        Err(error) => {
            let refusal = Refusal::interrupted(&error);
            if let Some(settlement) = settlement {
                settlement.failed(&error);
            }
            return Err(refusal);
        }
    };
    let body = if round::input_required(&answer).is_some() {
        head.headers.insert(CONTENT_TYPE, EVENT_STREAM);
        UpstreamBody::piped(|pipe| call.go_on(pipe, Come::Whole(answer)))
    } else {
        UpstreamBody::whole(answer)
    };
    Ok(Upstream { head, body, settlement, reading })
}

/// An answer that has come, or begins to.
enum Come {
    Whole(Bytes),
    Stream(UpstreamBody),
}

impl Call {
    /// Passes rounds on until one is the last.
    async fn go_on(mut self, pipe: Pipe, mut come: Come) {
        for _ in 0..ROUNDS {
            let asks = match come {
                Come::Whole(message) if round::input_required(&message).is_none() => {
                    pipe.event(&message).await;
                    return;
                }
                Come::Whole(message) => message,
                Come::Stream(body) => match self.pass(&pipe, body).await {
                    Some(asks) => asks,
                    None => return,
                },
            };
            match self.next_round(&pipe, &asks).await {
                Ok(next) => come = next,
                Err(refusal) => {
                    pipe.event(&refusal.to(Some(self.id.as_ref())).message()).await;
                    return;
                }
            }
        }
        let refusal = Refusal::upstream_invalid();
        pipe.event(&refusal.to(Some(self.id.as_ref())).message()).await;
    }

    /// Passes a stream on up to its answer; the answer itself, when it asks for input.
    async fn pass(&self, pipe: &Pipe, mut body: UpstreamBody) -> Option<Bytes> {
        let mut parser = SseParser::new(self.state.config.event_max_bytes);
        while let Some(Ok(part)) = body.frame().await {
            let Ok(data) = part.into_data() else { continue };
            parser.push(data);
            while let Some(piece) = parser.next_piece() {
                let frame = match piece {
                    Piece::Frame(frame) => frame,
                    // Nobody asks for input at such length.
                    Piece::Part(part) => {
                        if !pipe.send(part.raw).await {
                            return None;
                        }
                        continue;
                    }
                };
                if let Some(data) = frame.data.as_ref().filter(|data| !data.is_empty()) {
                    if round::input_required(data).is_some() {
                        return Some(data.clone());
                    }
                    // A request is none of this era's, and the client would take it for one of ours.
                    if answer::is_request(data) {
                        continue;
                    }
                }
                if !pipe.send(frame.raw).await {
                    return None;
                }
            }
        }
        None
    }

    /// Asks the client for what the upstream wants, and the upstream again.
    async fn next_round(&mut self, pipe: &Pipe, asks: &Bytes) -> Result<Come, Refusal> {
        let asked = round::input_required(asks).ok_or_else(Refusal::upstream_invalid)?;
        let responses = self.responses(pipe, &asked).await?;
        // A person may have taken an hour: what the account became meanwhile is what counts.
        self.caller = self.caller.clone().confirmed(&self.state).await?;
        self.still_allowed().await?;
        let body = round::answer(&self.body, &responses, asked.state.as_deref());
        let body = Bytes::from(body.map_err(|_| Refusal::upstream_invalid())?);
        let facts = super::stateless::facts(&self.method, self.name.as_deref());
        let sending = Sending {
            method: http::Method::POST,
            headers: &self.headers,
            accept: crate::stage::forward::ANY_ANSWER,
            facts,
            body: Some(body),
        };
        let upstream = transmit(&self.state, &self.caller, sending, None).await?;
        if upstream.head.headers.get(CONTENT_TYPE).is_some_and(is_event_stream)
            && upstream.head.status == StatusCode::OK
        {
            return Ok(Come::Stream(upstream.body));
        }
        whole(&self.state, &upstream.head, upstream.body).await.map(|answer| Come::Whole(answer.message))
    }

    /// Whether the policy still has the call pass: it may have changed between the rounds.
    async fn still_allowed(&self) -> Result<(), Refusal> {
        crate::stage::decide::still_allowed(&self.state, &self.caller, &self.headers, &self.body).await
    }

    async fn responses(&self, pipe: &Pipe, asked: &InputRequired<'_>) -> Result<Vec<(String, String)>, Refusal> {
        let mut questions = Vec::new();
        for (key, raw) in &asked.requests {
            if !round::is_declared(raw, &self.capabilities) {
                return Err(Refusal::client_cannot());
            }
            let question = self.state.talks.ask(self.caller.account_id(), &self.session);
            let request = round::to_request(raw, &question.id).map_err(|_| Refusal::upstream_invalid())?;
            if !pipe.event(&request).await {
                return Err(Refusal::client_cannot());
            }
            questions.push((key.clone().into_owned(), question));
        }
        let mut responses = Vec::new();
        for (key, question) in questions {
            responses.push((key, question.reply().await.ok_or_else(Refusal::client_cannot)?));
        }
        Ok(responses)
    }
}
