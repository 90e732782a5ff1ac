//! The standalone stream of a session that began while its server was silent: it is there at once, and has something to
//! say when the server answers again.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use ostiary_mcp::header::{EVENT_STREAM, is_event_stream};
use ostiary_mcp::sse::SseParser;
use tokio::time::Instant;

use crate::headers::UpstreamFacts;
use crate::pool::Whose;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{Carried, Passage, Sending, forward};
use crate::stage::respond::is_encoded;
use crate::state::State;
use crate::upstream_body::{Pipe, UpstreamBody};

/// How long a server that does not answer is left alone: at first, and at most. A stream that lasted longer than that is
/// opened again after the shortest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What the server says in the client's own session there, which is opened as soon as the server answers. `last` is the
/// last event that the client saw, as the server calls it.
pub(crate) fn standalone(state: &Arc<State>, caller: &Caller, session: &Session, last: Option<String>) -> UpstreamBody {
    let stream = Stream { state: Arc::clone(state), caller: caller.clone(), session: session.clone(), last };
    UpstreamBody::piped(|pipe| stream.follow(pipe))
}

struct Stream {
    state: Arc<State>,
    caller: Caller,
    session: Session,
    last: Option<String>,
}

impl Stream {
    /// Ends when nobody reads, or the server has no such stream.
    async fn follow(mut self, pipe: Pipe) {
        let mut pause = FIRST_PAUSE;
        loop {
            let began = Instant::now();
            match self.open().await {
                Ok(Some(body)) => {
                    if !self.pass(&pipe, body).await {
                        return;
                    }
                }
                // What the gateway itself has to tell goes on.
                Ok(None) => std::future::pending().await,
                Err(refusal) => {
                    tracing::debug!(server.id = %self.caller.server().id, reason = refusal.reason().as_str(), "no stream");
                }
            }
            pause = if began.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { pause };
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The server's stream; none where it has none.
    async fn open(&mut self) -> Result<Option<UpstreamBody>, Refusal> {
        self.caller = self.caller.clone().confirmed(&self.state).await?;
        let (state, caller) = (&self.state, &self.caller);
        let whose = Whose::Client(&self.session);
        let there = state.pool.get(state, caller, whose).await?;
        let headers = HeaderMap::new();
        let facts = UpstreamFacts { last_event_id: self.last.as_deref(), ..there.upstream_facts() };
        let sending = Sending { method: Method::GET, headers: &headers, accept: EVENT_STREAM, facts, body: None };
        let upstream = forward(state, caller, sending, Passage::Carried(Carried::without_message())).await?;
        let head = &upstream.head;
        let is_stream = head.headers.get(CONTENT_TYPE).is_some_and(is_event_stream) && !is_encoded(&head.headers);
        match head.status {
            StatusCode::OK if is_stream => Ok(Some(upstream.body)),
            StatusCode::METHOD_NOT_ALLOWED => Ok(None),
            StatusCode::NOT_FOUND => {
                self.last = None;
                state.pool.forget(caller, whose, &there).await;
                Err(Refusal::session_not_found())
            }
            status => Err(Refusal::upstream_status(status)),
        }
    }

    /// Passes whole events on until the stream ends; false when nobody reads them.
    async fn pass(&mut self, pipe: &Pipe, mut body: UpstreamBody) -> bool {
        let mut parser = SseParser::new(self.state.config.event_max_bytes);
        while let Some(Ok(part)) = body.frame().await {
            let Ok(data) = part.into_data() else { continue };
            parser.push(data);
            // So that it does not lie unused.
            self.state.pool.find(&self.caller, Whose::Client(&self.session)).await;
            loop {
                let frame = match parser.next_frame() {
                    Ok(Some(frame)) => frame,
                    Ok(None) => break,
                    Err(_) => return true,
                };
                if let Some(id) = frame.id.as_deref().and_then(|id| std::str::from_utf8(id).ok()) {
                    self.last = Some(id.to_owned()).filter(|id| !id.is_empty());
                }
                if !pipe.send(frame.raw).await {
                    return false;
                }
            }
        }
        true
    }
}
