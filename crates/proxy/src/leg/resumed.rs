//! A legacy upstream that ends the stream of a request before the answer is there, as it may where events have ids: the
//! rest is asked for here, because the client's era knows nothing of coming back.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use ostiary_egress::EgressError;
use ostiary_mcp::header::{EVENT_STREAM, is_event_stream};
use ostiary_mcp::sse::{Piece, SseParser};
use tokio::time::Instant;

use crate::answer;
use crate::headers::UpstreamFacts;
use crate::pool::PooledSession;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage, Sending, forward};
use crate::stage::respond::is_encoded;
use crate::state::State;
use crate::upstream_body::{Pipe, UpstreamBody};

/// How long the upstream is left alone where it does not say, and at most.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A request whose answer comes in a stream.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) state: Arc<State>,
    pub(super) caller: Caller,
    pub(super) session: Arc<PooledSession>,
    /// The request's id there, raw.
    pub(super) id: String,
}

/// How one stream ended.
enum Ended {
    /// With the answer, or because nobody reads any more.
    Done,
    /// Before that: by itself, or with an error.
    Early(Option<EgressError>),
}

impl Request {
    /// The stream, and those that go on where it ends.
    pub(super) fn whole_stream(self, first: UpstreamBody) -> UpstreamBody {
        UpstreamBody::piped(|pipe| self.pass_all(pipe, first))
    }

    async fn pass_all(self, pipe: Pipe, first: UpstreamBody) {
        let (mut last, mut pause) = (None, PAUSE);
        let deadline = Instant::now() + self.state.config.call_max;
        let mut body = first;
        loop {
            let ended = self.pass(&pipe, body, &mut last, &mut pause).await;
            let Ended::Early(error) = ended else { return };
            let next = match &last {
                Some(last) if Instant::now() + pause < deadline => {
                    tokio::time::sleep(pause).await;
                    self.reopen(last).await
                }
                _ => None,
            };
            match (next, error) {
                (Some(next), _) => body = next,
                (None, Some(error)) => return pipe.fail(error).await,
                // The relay says that it broke off.
                (None, None) => return,
            }
        }
    }

    /// Passes one stream on up to the answer.
    async fn pass(
        &self,
        pipe: &Pipe,
        mut body: UpstreamBody,
        last: &mut Option<String>,
        pause: &mut Duration,
    ) -> Ended {
        let mut parser = SseParser::new(self.state.config.event_max_bytes);
        while let Some(part) = body.frame().await {
            let data = match part.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => data,
                Ok(Err(_)) => continue,
                Err(error) => return Ended::Early(Some(error)),
            };
            parser.push(data);
            loop {
                let frame = match parser.next_piece() {
                    Some(Piece::Frame(frame)) => frame,
                    Some(Piece::Part(part)) => {
                        // Nothing but an answer passes at such length; and where it breaks off, it cannot begin again.
                        *last = None;
                        if !pipe.send(part.raw).await || part.is_last {
                            return Ended::Done;
                        }
                        continue;
                    }
                    None => break,
                };
                if let Some(id) = frame.id.as_deref().and_then(|id| std::str::from_utf8(id).ok()) {
                    *last = Some(id.to_owned()).filter(|id| !id.is_empty());
                }
                if let Some(retry_ms) = frame.retry_ms {
                    *pause = Duration::from_millis(retry_ms).min(LONGEST_PAUSE);
                }
                let is_answer = frame.data.as_deref().and_then(|data| answer::read_for(data, &self.id));
                if !pipe.send(frame.raw).await || is_answer.is_some_and(|(_, is_its)| is_its) {
                    return Ended::Done;
                }
            }
        }
        Ended::Early(None)
    }

    /// The rest of the stream behind an event.
    async fn reopen(&self, last: &str) -> Option<UpstreamBody> {
        let headers = HeaderMap::new();
        let facts = UpstreamFacts { last_event_id: Some(last), ..self.session.upstream_facts() };
        let sending = Sending { method: Method::GET, headers: &headers, accept: EVENT_STREAM, facts, body: None };
        let passage = Passage::Carried(Carried::without_message());
        let upstream = forward(&self.state, &self.caller, sending, passage).await.ok()?;
        let head = &upstream.head.headers;
        let is_stream = head.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(head);
        (upstream.head.status == StatusCode::OK && is_stream).then_some(upstream.body)
    }
}
