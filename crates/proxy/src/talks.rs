//! What legacy clients and modern upstreams have between them while a request is under way: requests that the client was
//! asked on behalf of the upstream, and requests that it may cancel.
//!
//! It lives in the process that holds the request's stream.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use moka::sync::Cache;
use ostiary_mcp::envelope::Response;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Sessions whose level of log messages is kept, and for how long one may be silent.
const LEVELS: u64 = 100_000;
const LEVEL_IDLE: Duration = Duration::from_hours(24);

/// A request of one session, by its id, raw.
type Key = (Arc<str>, String);
type Shared<V> = Arc<Mutex<HashMap<Key, V>>>;

/// What a client answered: a raw result, or none for an error.
pub(crate) type Reply = Option<String>;

/// All such matters of this process.
#[derive(Debug)]
pub(crate) struct Talks {
    asked: Shared<oneshot::Sender<Reply>>,
    running: Shared<CancellationToken>,
    levels: Cache<Arc<str>, Arc<str>>,
    next: AtomicU64,
}

/// A place in a table that is given back when it is dropped.
#[derive(Debug)]
struct Place<V> {
    table: Shared<V>,
    key: Key,
}

impl<V> Drop for Place<V> {
    fn drop(&mut self) {
        lock(&self.table).remove(&self.key);
    }
}

fn lock<K: Eq + Hash, V>(table: &Mutex<HashMap<K, V>>) -> std::sync::MutexGuard<'_, HashMap<K, V>> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A question that a client was asked and has not answered.
#[derive(Debug)]
pub(crate) struct Question {
    /// Its id, raw.
    pub(crate) id: String,
    reply: oneshot::Receiver<Reply>,
    _place: Place<oneshot::Sender<Reply>>,
}

impl Question {
    /// The answer.
    pub(crate) async fn reply(self) -> Reply {
        self.reply.await.unwrap_or_default()
    }
}

/// A request that its client may cancel, for as long as this lives.
pub(crate) struct Running {
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
    token: CancellationToken,
    _place: Place<CancellationToken>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("is_cancelled", &self.token.is_cancelled()).finish_non_exhaustive()
    }
}

impl Running {
    /// Ready when the client cancelled.
    pub(crate) fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.cancelled.as_mut().poll(cx)
    }

    /// Returns when the client cancelled.
    pub(crate) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}

impl Talks {
    pub(crate) fn new() -> Self {
        let levels = Cache::builder().max_capacity(LEVELS).time_to_idle(LEVEL_IDLE).build();
        Self { asked: Arc::default(), running: Arc::default(), levels, next: AtomicU64::new(1) }
    }

    /// A question to the client of a session.
    pub(crate) fn ask(&self, session: &Arc<str>) -> Question {
        let id = format!("\"ostiary-{}\"", self.next.fetch_add(1, Ordering::Relaxed));
        let (sender, reply) = oneshot::channel();
        let key = (Arc::clone(session), id.clone());
        lock(&self.asked).insert(key.clone(), sender);
        Question { id, reply, _place: Place { table: Arc::clone(&self.asked), key } }
    }

    /// A client's answer to a question; one that nobody asked is of no account.
    pub(crate) fn answer(&self, session: &Arc<str>, response: &Response<'_>) {
        let Some(id) = response.id else { return };
        let sender = lock(&self.asked).remove(&(Arc::clone(session), id.as_raw().to_owned()));
        if let Some(sender) = sender {
            // Whoever asked may have left meanwhile.
            let _ = sender.send(response.result.map(str::to_owned));
        }
    }

    /// A request that begins.
    pub(crate) fn run(&self, session: &Arc<str>, id: &str) -> Running {
        let token = CancellationToken::new();
        let key = (Arc::clone(session), id.to_owned());
        lock(&self.running).insert(key.clone(), token.clone());
        let place = Place { table: Arc::clone(&self.running), key };
        Running { cancelled: Box::pin(token.clone().cancelled_owned()), token, _place: place }
    }

    /// A client cancels a request of its own.
    pub(crate) fn cancel(&self, session: &Arc<str>, id: &str) {
        let token = lock(&self.running).get(&(Arc::clone(session), id.to_owned())).cloned();
        if let Some(token) = token {
            token.cancel();
        }
    }

    /// From which level on a session wants log messages.
    pub(crate) fn level(&self, session: &Arc<str>) -> Option<Arc<str>> {
        self.levels.get(session)
    }

    pub(crate) fn set_level(&self, session: &Arc<str>, level: &str) {
        self.levels.insert(Arc::clone(session), level.into());
    }
}
