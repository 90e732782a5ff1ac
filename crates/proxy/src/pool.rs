//! Sessions at legacy upstreams for clients that have none: opened when first needed, one for each grant, server and
//! set of capabilities, and shared by everything that the grant sends there.
//!
//! Never shared between grants: a session is the upstream's idea of who is there.

mod changes;
mod session;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use moka::future::Cache;
use ostiary_mcp::discover::ServerFacts;
use ostiary_mcp::header::SESSION_ID;
use ostiary_mcp::version::LATEST;
use ostiary_model::{GrantId, ServerId};
use serde_json::json;

use crate::headers::{UpstreamFacts, upwards};
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::stage::forward::{ANY_ANSWER, Carried, Passage, Sending, forward};
use crate::state::State;
use crate::whole::whole;

pub(crate) use session::{Duty, PooledSession};

/// Sessions that are kept open, and for how long one may lie unused.
const SESSIONS: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(600);
/// How long the process's end waits for the sessions' own, and how many upstreams are told at once.
const ENDING: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 64;

/// What the upstream is told that its client can: nothing that it would have to ask of it, because a request of the
/// upstream's cannot reach a client without a session.
const CAPABILITIES: &str = "{}";

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    grant_id: GrantId,
    server_id: ServerId,
    url: String,
    capabilities: &'static str,
}

impl Key {
    fn of(caller: &Caller) -> Self {
        let server = caller.server();
        let url = server.url.as_str().to_owned();
        Self { grant_id: caller.grant.grant.id, server_id: server.id, url, capabilities: CAPABILITIES }
    }
}

/// All open sessions of this process.
#[derive(Debug)]
pub(crate) struct Pool {
    sessions: Cache<Key, Arc<PooledSession>>,
}

impl Pool {
    pub(crate) fn new() -> Self {
        Self { sessions: Cache::builder().max_capacity(SESSIONS).time_to_idle(IDLE).build() }
    }

    /// The session of a caller, opened if there is none; callers that come meanwhile wait for the same one.
    ///
    /// # Errors
    ///
    /// When it cannot be opened. Nothing of the caller's was sent.
    pub(crate) async fn get(&self, state: &Arc<State>, caller: &Caller) -> Result<Arc<PooledSession>, Refusal> {
        let opening = async {
            let (state, caller) = (Arc::clone(state), caller.clone());
            // A task of its own: a client that leaves must not leave a session behind that nobody knows of.
            let opened = tokio::spawn(async move { open(&state, &caller).await }).await;
            opened.unwrap_or_else(|_| Err(Refusal::unavailable())).map(Arc::new)
        };
        let found = self.sessions.try_get_with(Key::of(caller), opening).await;
        found.map_err(|refusal: Arc<Refusal>| (*refusal).clone())
    }

    /// Forgets a session that died, unless another has taken its place.
    pub(crate) async fn forget(&self, caller: &Caller, dead: &Arc<PooledSession>) {
        let key = Key::of(caller);
        if self.sessions.get(&key).await.is_some_and(|found| Arc::ptr_eq(&found, dead)) {
            dead.is_dead();
            self.sessions.invalidate(&key).await;
        }
    }
}

impl Pool {
    /// Ends all sessions at once, for as long as [`ENDING`] allows.
    pub(crate) async fn end(&self) {
        let open: Vec<Arc<PooledSession>> = self.sessions.iter().map(|(_, session)| session).collect();
        self.sessions.invalidate_all();
        let ended = stream::iter(&open).for_each_concurrent(AT_ONCE, |session| session.end());
        if tokio::time::timeout(ENDING, ended).await.is_err() {
            tracing::info!("some upstreams were not told in time that their sessions are over");
        }
    }
}

/// Opens a session: `initialize`, and the notification that it is open.
async fn open(state: &State, caller: &Caller) -> Result<PooledSession, Refusal> {
    let params = json!({
        "protocolVersion": LATEST.as_str(), "capabilities": {},
        "clientInfo": {"name": "ostiary", "version": env!("CARGO_PKG_VERSION")},
    });
    let body = json!({"jsonrpc": "2.0", "id": "ostiary-initialize", "method": "initialize", "params": params});
    let headers = HeaderMap::new();
    let sending = |facts, body: String| Sending {
        method: Method::POST,
        headers: &headers,
        accept: ANY_ANSWER,
        facts,
        body: Some(Bytes::from(body)),
    };
    let passage = || Passage::Carried(Carried::without_message());
    let upstream = forward(state, caller, sending(UpstreamFacts::default(), body.to_string()), passage()).await?;
    let id = match upstream.head.headers.get(SESSION_ID).map(HeaderValue::to_str).transpose() {
        Ok(id) => id.map(str::to_owned),
        Err(_) => return Err(Refusal::upstream_invalid()),
    };
    let answer = whole(state, &upstream.head, upstream.body).await?;
    let (facts, revision) = ServerFacts::of_initialize(&answer.message).ok_or_else(Refusal::upstream_invalid)?;
    let credentials = caller.endpoint.credentials(&state.credentials).await.map_err(|_| Refusal::unavailable())?;
    let session = PooledSession::new(state, caller, id, revision, facts, |facts| {
        upwards(&headers, ANY_ANSWER, facts, credentials)
    });
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
    let notified = forward(state, caller, sending(session.upstream_facts(), initialized), passage()).await?;
    match notified.head.status {
        status if status.is_success() => Ok(session),
        StatusCode::NOT_FOUND => Err(Refusal::upstream_invalid()),
        status => Err(Refusal::upstream_status(status)),
    }
}
