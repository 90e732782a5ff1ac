//! What upstreams are: which era each speaks, and what it says of itself.
//!
//! Learned when a server is registered, or by asking; kept for a while, and learned anew from an upstream that answers
//! as if it were of the other era. The request that finds out is answered as the upstream answered it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode, response};
use moka::future::Cache;
use moka::ops::compute::Op;
use ostiary_egress::collect_bounded;
use ostiary_mcp::discover::{ServerFacts, asks_for_modern, without_tasks};
use ostiary_mcp::envelope::Params;
use ostiary_mcp::header::is_json;
use ostiary_mcp::translate::{Carried as Meta, to_modern};
use ostiary_mcp::version::{Era, Revision};
use ostiary_model::{Server, ServerId};

use crate::leg::modern_facts;
use crate::pool::Whose;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, forward};
use crate::state::State;
use crate::whole::whole;

/// Upstreams that are kept.
const UPSTREAMS: u64 = 10_000;
/// What an upstream said of itself is asked for again after this.
const FRESH_MS: i64 = 60_000;
/// An upstream that refused a session is asked for one again after this.
const REFUSED_MS: i64 = 10 * 60_000;
/// An upstream that answered otherwise is not asked more often than this.
const ASK_EVERY_MS: i64 = 5_000;
/// Largest refusal that is read, in bytes.
const ERROR_MAX_BYTES: usize = 64 * 1024;
/// How long a client waits for what we do not know yet; then it is told what we know.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is known of one upstream.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) era: Era,
    /// What it says of itself; none when it was not asked yet.
    pub(crate) facts: Option<ServerFacts>,
    /// When it was asked, in ms; none when all we know is what was stored.
    asked_ms: Option<i64>,
    /// When it refused a session, in ms; none when it was not asked for one, or took it.
    refused_ms: Option<i64>,
    /// It answered as if it were of the other era.
    is_doubted: bool,
}

/// What is known of all upstreams, by server and address.
#[derive(Debug)]
pub(crate) struct KnownUpstreams {
    known: Cache<(ServerId, String), Arc<Known>>,
}

fn key(server: &Server) -> (ServerId, String) {
    (server.id, server.url.as_str().to_owned())
}

impl KnownUpstreams {
    pub(crate) fn new() -> Self {
        Self { known: Cache::new(UPSTREAMS) }
    }

    /// The era of a caller's upstream.
    ///
    /// # Errors
    ///
    /// When it has to be asked and does not answer.
    pub(crate) async fn era(&self, state: &Arc<State>, caller: &Caller) -> Result<Era, Refusal> {
        let server = caller.server();
        let found = self.known.get(&key(server)).await;
        if let Some(known) = &found
            && !(known.is_doubted && known.may_be_asked(state))
        {
            return Ok(known.era);
        }
        if let (None, Some(era)) = (found, stored_era(server)) {
            let known = Known { era, facts: None, asked_ms: None, refused_ms: None, is_doubted: false };
            self.known.entry(key(server)).or_insert_with(async { Arc::new(known) }).await;
            return Ok(era);
        }
        self.ask(state, caller).await.map(|known| known.era)
    }

    /// Whether a caller's upstream is modern and nothing else: it refused a session not long ago. One that speaks both
    /// eras says so nowhere but by taking `initialize`.
    pub(crate) async fn refuses_sessions(&self, state: &State, caller: &Caller) -> bool {
        let Some(known) = self.known.get(&key(caller.server())).await else { return false };
        let is_recent = |at: i64| state.clock.now_ms().saturating_sub(at) < REFUSED_MS;
        known.era == Era::Modern && !known.is_doubted && known.refused_ms.is_some_and(is_recent)
    }

    /// Notes that a modern upstream refused a session.
    pub(crate) async fn refused_a_session(&self, state: &State, caller: &Caller) {
        if let Some(known) = self.known.get(&key(caller.server())).await {
            let refused_ms = Some(state.clock.now_ms());
            self.known.insert(key(caller.server()), Arc::new(Known { refused_ms, ..(*known).clone() })).await;
        }
    }

    /// What there is to say of a caller's upstream: what it says of itself, or what was stored when it does not answer.
    /// Where it has to be asked, that is on behalf of `asking`.
    pub(crate) async fn facts(
        &self,
        state: &Arc<State>,
        caller: &Caller,
        asking: Option<&Params<'_>>,
    ) -> (Era, ServerFacts) {
        let found = self.known.get(&key(caller.server())).await;
        let now_ms = state.clock.now_ms();
        let is_fresh = |known: &Arc<Known>| known.asked_ms.is_some_and(|asked| now_ms.saturating_sub(asked) < FRESH_MS);
        let known = match found.filter(is_fresh) {
            Some(known) => Some(known),
            None => match tokio::time::timeout(PATIENCE, self.ask_for(state, caller, asking)).await {
                Ok(Ok(known)) => Some(known),
                _ => self.known.get(&key(caller.server())).await,
            },
        };
        let era = known.as_ref().map(|known| known.era).or_else(|| stored_era(caller.server())).unwrap_or(Era::Legacy);
        let facts = known.and_then(|known| known.facts.clone()).unwrap_or_else(|| stored(caller.server()));
        (era, facts)
    }

    /// Notes that an upstream answered as if it were of the other era.
    pub(crate) async fn doubt(&self, caller: &Caller) {
        if let Some(known) = self.known.get(&key(caller.server())).await
            && !known.is_doubted
        {
            tracing::info!(server.id = %caller.server().id, "an upstream answers as if it were of the other era");
            self.known.insert(key(caller.server()), Arc::new(Known { is_doubted: true, ..(*known).clone() })).await;
        }
    }

    /// Asks the upstream; callers that come meanwhile wait for the same answer.
    pub(crate) async fn ask(&self, state: &Arc<State>, caller: &Caller) -> Result<Arc<Known>, Refusal> {
        self.ask_for(state, caller, None).await
    }

    async fn ask_for(
        &self,
        state: &Arc<State>,
        caller: &Caller,
        asking: Option<&Params<'_>>,
    ) -> Result<Arc<Known>, Refusal> {
        let entry = self.known.entry(key(caller.server()));
        let asked = entry.and_try_compute_with(|entry| async move {
            let before = entry.map(moka::Entry::into_value);
            let now_ms = state.clock.now_ms();
            let is_new = |known: &Arc<Known>| known.asked_ms.is_some_and(|at| now_ms.saturating_sub(at) < 1_000);
            if before.as_ref().is_some_and(is_new) {
                return Ok::<_, Refusal>(Op::Nop);
            }
            // Most upstreams are what they were.
            let era = before.as_ref().map(|known| known.era);
            let (era, facts) = ask(state, caller, era, asking).await?;
            let refused_ms = before.and_then(|known| known.refused_ms);
            let known = Known { era, facts: Some(facts), asked_ms: Some(now_ms), refused_ms, is_doubted: false };
            Ok(Op::Put(Arc::new(known)))
        });
        let found = asked.await?.into_entry().map(moka::Entry::into_value);
        found.ok_or_else(Refusal::upstream_invalid)
    }
}

impl Known {
    fn may_be_asked(&self, state: &State) -> bool {
        self.asked_ms.is_none_or(|asked| state.clock.now_ms().saturating_sub(asked) >= ASK_EVERY_MS)
    }
}

/// Whether an answer to a modern request is what a server that is not modern answers.
pub(crate) fn is_of_other_era(head: &response::Parts) -> bool {
    let is_json = head.headers.get(CONTENT_TYPE).is_some_and(is_json);
    match head.status {
        // A modern server answers in JSON, and says what it misses.
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_ACCEPTABLE => !is_json,
        StatusCode::BAD_REQUEST => true,
        _ => false,
    }
}

/// The era that a server spoke when it was last read.
pub(crate) fn stored_era(server: &Server) -> Option<Era> {
    server.identity.protocol_version.as_deref().and_then(Revision::parse).map(Revision::era)
}

/// What was stored of a server when it was last read.
fn stored(server: &Server) -> ServerFacts {
    let identity = &server.identity;
    let name = identity.name.as_deref().unwrap_or(server.name.as_str());
    let capabilities = identity.capabilities.as_ref().map(ToString::to_string);
    let version = identity.version.as_deref().unwrap_or("0");
    ServerFacts::remembered(name, version, identity.instructions.as_deref(), capabilities)
}

/// Asks an upstream what it is, in the era that is the likelier one first.
async fn ask(
    state: &Arc<State>,
    caller: &Caller,
    likely: Option<Era>,
    asking: Option<&Params<'_>>,
) -> Result<(Era, ServerFacts), Refusal> {
    if likely == Some(Era::Legacy) {
        let refusal = match state.pool.get(state, caller, Whose::Grant).await {
            Ok(session) => return Ok((Era::Legacy, session.facts().clone())),
            Err(refusal) => refusal,
        };
        return discover(state, caller, asking).await?.map(|facts| (Era::Modern, facts)).ok_or(refusal);
    }
    if let Some(facts) = discover(state, caller, asking).await? {
        return Ok((Era::Modern, facts));
    }
    let session = state.pool.get(state, caller, Whose::Grant).await?;
    Ok((Era::Legacy, session.facts().clone()))
}

/// What an upstream answers to `server/discover`; none when it does not know the method. One that refuses the revision,
/// and names it among those that it speaks, is asked once more.
async fn discover(state: &State, caller: &Caller, asking: Option<&Params<'_>>) -> Result<Option<ServerFacts>, Refusal> {
    match discover_once(state, caller, asking).await? {
        Discovered::Facts(facts) => Ok(Some(facts)),
        Discovered::Nothing => Ok(None),
        Discovered::AskAgain => match discover_once(state, caller, asking).await? {
            Discovered::Facts(facts) => Ok(Some(facts)),
            Discovered::Nothing | Discovered::AskAgain => Ok(None),
        },
    }
}

/// An answer to `server/discover`.
enum Discovered {
    Facts(ServerFacts),
    Nothing,
    AskAgain,
}

async fn discover_once(state: &State, caller: &Caller, asking: Option<&Params<'_>>) -> Result<Discovered, Refusal> {
    const ASKED: &[u8] = br#"{"jsonrpc":"2.0","id":"ostiary-discover","method":"server/discover","params":{}}"#;
    let meta = asking.map(|params| &params.meta);
    let capabilities = meta.and_then(|meta| without_tasks(meta.client_capabilities?).ok());
    let ours = ours(capabilities.as_deref().unwrap_or("{}"));
    let client_info = meta.and_then(|meta| meta.client_info).or(ours.client_info);
    let body = to_modern(ASKED, Meta { client_info, ..ours }).map_err(|_| Refusal::unavailable())?;
    let headers = HeaderMap::new();
    let sending = Sending {
        method: Method::POST,
        headers: &headers,
        accept: ANY_ANSWER,
        facts: modern_facts("server/discover", None),
        body: Some(Bytes::from(body)),
    };
    let upstream = forward(state, caller, sending, Passage::Carried(Carried::without_message())).await?;
    match upstream.head.status {
        StatusCode::OK => {
            let answer = whole(state, &upstream.head, upstream.body).await?;
            Ok(ServerFacts::of_discover(&answer.message).map_or(Discovered::Nothing, Discovered::Facts))
        }
        StatusCode::BAD_REQUEST => {
            let error = collect_bounded(upstream.body, ERROR_MAX_BYTES).await.unwrap_or_default();
            Ok(if asks_for_modern(&error) { Discovered::AskAgain } else { Discovered::Nothing })
        }
        status if status.is_client_error() && status != StatusCode::UNAUTHORIZED => Ok(Discovered::Nothing),
        status => Err(Refusal::upstream_status(status)),
    }
}

/// What a request of our own carries.
pub(crate) const fn ours(capabilities: &str) -> Meta<'_> {
    Meta {
        capabilities,
        client_info: Some(concat!(r#"{"name":"ostiary","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#)),
        log_level: None,
    }
}
