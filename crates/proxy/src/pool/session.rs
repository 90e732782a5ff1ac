//! One open session at an upstream.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use ostiary_egress::UpstreamClient;
use ostiary_mcp::discover::ServerFacts;
use ostiary_mcp::subscription::Change;
use ostiary_mcp::version::Revision;
use tokio::sync::{Mutex, broadcast};

use crate::headers::UpstreamFacts;
use crate::origin::Place;
use crate::pool::changes::Changes;
use crate::session::version_header;
use crate::shared::Held;
use crate::stage::authenticate::Caller;
use crate::state::State;

/// How long the upstream may take over what nobody waits for.
const ASIDE: Duration = Duration::from_secs(5);

/// A session at a legacy upstream that was opened by the gateway. It is ended when nobody uses it any more.
pub(crate) struct PooledSession {
    id: Option<String>,
    revision: Revision,
    facts: ServerFacts,
    aside: Aside,
    next: AtomicU64,
    is_dead: AtomicBool,
    /// Where other processes use it, too.
    held: Option<Held>,
    changes: Changes,
    /// From which level on the upstream was asked to send log messages.
    pub(crate) level: Mutex<Option<String>>,
}

// The headers hold credentials.
impl fmt::Debug for PooledSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledSession").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// What is sent aside of any request: nobody waits for the answer.
#[derive(Clone)]
struct Aside {
    client: UpstreamClient<Full<Bytes>>,
    uri: Uri,
    headers: HeaderMap,
}

impl PooledSession {
    pub(super) fn new(
        state: &State,
        caller: &Caller,
        Place { session: id, revision }: Place,
        facts: ServerFacts,
        headers: impl FnOnce(UpstreamFacts<'_>) -> HeaderMap,
    ) -> Self {
        let mut headers = headers(facts_of(id.as_deref(), revision));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let uri = caller.server().url.as_str().parse().unwrap_or_default();
        let aside = Aside { client: state.upstream.clone(), uri, headers };
        let (next, is_dead, level) = (AtomicU64::new(1), AtomicBool::new(false), Mutex::new(None));
        Self { id, revision, facts, aside, next, is_dead, held: None, changes: Changes::default(), level }
    }

    /// The same, used by other processes, too.
    pub(super) fn held(self, held: Held) -> Self {
        let mut session = self;
        session.held = Some(held);
        session
    }

    /// It is used; the processes that use it, too, are told now and then.
    pub(super) fn used(&self) {
        if let Some(held) = &self.held {
            held.used();
        }
    }

    /// What the upstream says of itself.
    pub(crate) const fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    /// Where messages of the session belong.
    pub(crate) fn place(&self) -> Place {
        Place { session: self.id.clone(), revision: self.revision }
    }

    /// Whether the upstream sends log messages from a level on.
    pub(crate) fn has_levels(&self) -> bool {
        let capabilities = serde_json::from_str::<serde_json::Value>(&self.facts.capabilities);
        capabilities.is_ok_and(|capabilities| capabilities.get("logging").is_some())
    }

    /// Whether the upstream keeps sessions at all.
    pub(crate) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// What requests in the session say of it.
    pub(crate) fn upstream_facts(&self) -> UpstreamFacts<'_> {
        facts_of(self.id.as_deref(), self.revision)
    }

    /// An id that no other request in the session has.
    pub(crate) fn next_id(&self) -> String {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        match &self.held {
            Some(held) => format!("ostiary-{}-{next}", held.tag()),
            None => format!("ostiary-{next}"),
        }
    }

    /// The upstream no longer knows the session: there is nothing to end, and no other process is to use it.
    pub(super) async fn died(&self) {
        if !self.is_dead.swap(true, Ordering::Relaxed)
            && let Some(held) = &self.held
        {
            held.retract().await;
        }
    }

    /// Tells the upstream that the client has no more use for the session, and waits until it has heard it or takes too
    /// long.
    pub(super) async fn end(&self) {
        if self.is_dead.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(held) = &self.held {
            held.retract().await;
        }
        if self.id.is_some() {
            self.aside.clone().deliver(Method::DELETE, Bytes::new()).await;
        }
    }

    /// The same when this process has no more use for it: another may.
    pub(super) async fn leave(&self) {
        if !self.is_dead.swap(true, Ordering::Relaxed) {
            left(self.held.as_ref(), self.id.is_some(), self.aside.clone()).await;
        }
    }

    /// What the upstream tells of changes from now on.
    pub(crate) async fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe(&self.aside.client, &self.aside.uri, &self.aside.headers).await
    }

    /// Sends a message that nobody answers, without waiting.
    pub(crate) fn post(&self, message: Vec<u8>) {
        self.aside.send(Method::POST, message.into());
    }
}

fn facts_of(id: Option<&str>, revision: Revision) -> UpstreamFacts<'_> {
    UpstreamFacts { session: id, revision: version_header(revision), ..UpstreamFacts::default() }
}

impl Aside {
    fn send(&self, method: Method, body: Bytes) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(self.clone().deliver(method, body));
    }

    async fn deliver(self, method: Method, body: Bytes) {
        let Self { client, uri, headers } = self;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        *request.uri_mut() = uri;
        let sent = tokio::time::timeout(ASIDE, async {
            let answer = client.send(request, ASIDE).await?;
            // Read to the end, so that the connection can be used again.
            drop(answer.into_body().collect().await);
            Ok::<_, ostiary_egress::EgressError>(())
        });
        if let Ok(Err(error)) = sent.await {
            tracing::debug!(code = error.code(), "a message aside did not arrive");
        }
    }
}

/// Ends a session, unless another process uses it.
async fn left(held: Option<&Held>, has_id: bool, aside: Aside) {
    let is_last = match held {
        Some(held) => held.leave().await,
        None => true,
    };
    if is_last && has_id {
        aside.deliver(Method::DELETE, Bytes::new()).await;
    }
}

impl Drop for PooledSession {
    fn drop(&mut self) {
        if !self.is_dead.load(Ordering::Relaxed)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (held, has_id, aside) = (self.held.take(), self.id.is_some(), self.aside.clone());
            runtime.spawn(async move { left(held.as_ref(), has_id, aside).await });
        }
    }
}

/// What the upstream is owed when a client leaves a request that it still works on.
#[derive(Debug)]
pub(crate) struct Duty {
    session: Arc<PooledSession>,
    id: String,
    /// The same, as JSON.
    raw: String,
    is_done: bool,
}

impl Duty {
    pub(crate) fn new(session: Arc<PooledSession>, id: String) -> Self {
        let raw = serde_json::Value::from(id.as_str()).to_string();
        Self { session, id, raw, is_done: false }
    }

    /// The request's id in the session, raw.
    pub(crate) fn raw_id(&self) -> &str {
        &self.raw
    }

    /// The request is answered, or was never sent.
    pub(crate) fn done(&mut self) {
        self.is_done = true;
    }

    /// Answers a request of the upstream's in the session.
    pub(crate) fn reply(&self, message: Vec<u8>) {
        self.session.post(message);
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        if !self.is_done {
            let params = serde_json::json!({"requestId": self.id, "reason": "the client left"});
            let cancelled =
                serde_json::json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
            self.session.post(cancelled.to_string().into_bytes());
        }
    }
}
