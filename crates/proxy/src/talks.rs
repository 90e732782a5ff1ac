//! What clients with sessions and their upstreams have between them while a request is under way: requests that the client
//! was asked on behalf of a modern upstream, and requests that it may cancel where that is not for the upstream to hear as
//! it came.
//!
//! It lives in the process that holds the request's stream. A client may answer or cancel at any other: what is for
//! nobody there is left for the one that it is for ([`post`]).

mod post;
mod under_way;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use moka::sync::Cache;
use ostiary_auth::Sealer;
use ostiary_mcp::envelope::Response;
use ostiary_model::AccountId;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::mailbox::{MailboxError, Sealed};
use post::{Kind, Post};

pub(crate) use under_way::UnderWay;

/// Sessions whose level of log messages is kept, and for how long one may be silent.
const LEVELS: u64 = 100_000;
const LEVEL_IDLE: Duration = Duration::from_hours(24);
/// Longest notification of a cancelled request that is kept as it came. Beyond that it is told without the reason.
const SAID_MAX_BYTES: usize = 4 * 1024;

/// A request of one session, by its id, raw.
type Key = (Arc<str>, String);
type Shared<V> = Arc<Mutex<HashMap<Key, Open<V>>>>;

/// What a client answered: a raw result, or none for an error.
pub(crate) type Reply = Option<String>;

/// A matter that has not ended.
#[derive(Debug)]
struct Open<V> {
    account_id: AccountId,
    since: Instant,
    value: V,
}

impl<V> Open<V> {
    fn new(account_id: AccountId, value: V) -> Self {
        Self { account_id, since: Instant::now(), value }
    }
}

/// All such matters of this process.
#[derive(Clone, Debug)]
pub(crate) struct Talks {
    asked: Shared<oneshot::Sender<Reply>>,
    running: Shared<Arc<Cancelling>>,
    levels: Cache<Arc<str>, Arc<str>>,
    sealer: Sealer,
    post: Option<Post>,
}

/// A request that may be cancelled.
#[derive(Debug, Default)]
struct Cancelling {
    token: CancellationToken,
    /// The notification, as the client sent it.
    said: OnceLock<String>,
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

fn lock<V>(table: &Mutex<HashMap<Key, V>>) -> std::sync::MutexGuard<'_, HashMap<Key, V>> {
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
    cancelling: Arc<Cancelling>,
    _place: Place<Arc<Cancelling>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("is_cancelled", &self.cancelling.token.is_cancelled()).finish_non_exhaustive()
    }
}

impl Running {
    /// Ready when the client cancelled.
    pub(crate) fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.cancelled.as_mut().poll(cx)
    }

    /// Returns when the client cancelled.
    pub(crate) async fn cancelled(&self) {
        self.cancelling.token.cancelled().await;
    }

    /// What the client said when it cancelled, if that is known.
    fn said(&self) -> Option<&str> {
        self.cancelling.said.get().map(String::as_str)
    }
}

impl Talks {
    /// With a mailbox where there are other processes.
    pub(crate) fn new(sealer: Sealer, mailbox: Option<Sealed>) -> Self {
        let levels = Cache::builder().max_capacity(LEVELS).time_to_idle(LEVEL_IDLE).build();
        let post = mailbox.map(Post::new);
        Self { asked: Arc::default(), running: Arc::default(), levels, sealer, post }
    }

    /// A question to the client of a session.
    pub(crate) fn ask(&self, account_id: AccountId, session: &Arc<str>) -> Question {
        // Sealed, so that another process can tell an answer to it from one to nothing; and never the same twice.
        let id = format!("\"{QUESTION}{}\"", self.sealer.seal_text(&[], &question_of(session)));
        let (sender, reply) = oneshot::channel();
        let key = (Arc::clone(session), id.clone());
        lock(&self.asked).insert(key.clone(), Open::new(account_id, sender));
        self.look_out();
        Question { id, reply, _place: Place { table: Arc::clone(&self.asked), key } }
    }

    /// A client's answer to a question; one that nobody asked is of no account.
    ///
    /// # Errors
    ///
    /// When it is another process that asked, and that cannot be told.
    pub(crate) async fn answer(
        &self,
        account_id: AccountId,
        session: &Arc<str>,
        response: &Response<'_>,
    ) -> Result<(), MailboxError> {
        let Some(id) = response.id else { return Ok(()) };
        let (id, reply) = (id.as_raw(), response.result.map(str::to_owned));
        if self.give(session, id, reply.clone()) {
            return Ok(());
        }
        match &self.post {
            Some(post) if self.is_question(session, id) => {
                post.leave(account_id, Kind::Answer, session, id, reply.as_deref()).await
            }
            _ => Ok(()),
        }
    }

    /// Gives an answer to whoever waits for it here.
    fn give(&self, session: &Arc<str>, id: &str, reply: Reply) -> bool {
        let asked = lock(&self.asked).remove(&(Arc::clone(session), id.to_owned()));
        // Whoever asked may have left meanwhile.
        asked.map(|asked| asked.value.send(reply)).is_some()
    }

    /// Whether an id is one that a process of ours gave to a question in the session.
    fn is_question(&self, session: &str, id: &str) -> bool {
        let sealed = id.strip_prefix('"').and_then(|id| id.strip_suffix('"')).and_then(|id| id.strip_prefix(QUESTION));
        sealed.is_some_and(|sealed| self.sealer.open_text(sealed, &question_of(session)).is_ok())
    }

    /// A request that begins.
    pub(crate) fn run(&self, account_id: AccountId, session: &Arc<str>, id: &str) -> Running {
        let cancelling = Arc::<Cancelling>::default();
        let key = (Arc::clone(session), id.to_owned());
        lock(&self.running).insert(key.clone(), Open::new(account_id, Arc::clone(&cancelling)));
        self.look_out();
        let place = Place { table: Arc::clone(&self.running), key };
        Running { cancelled: Box::pin(cancelling.token.clone().cancelled_owned()), cancelling, _place: place }
    }

    /// A client cancels a request of its own; `said` is the notification, as it sent it.
    ///
    /// # Errors
    ///
    /// When it is not under way here, and the other processes cannot be told.
    pub(crate) async fn cancel(
        &self,
        account_id: AccountId,
        session: &Arc<str>,
        id: &str,
        said: &[u8],
    ) -> Result<(), MailboxError> {
        let said = std::str::from_utf8(said).ok().filter(|said| said.len() <= SAID_MAX_BYTES);
        match (&self.post, self.end(session, id, said)) {
            (Some(post), false) => post.leave(account_id, Kind::Cancel, session, id, said).await,
            _ => Ok(()),
        }
    }

    /// Ends a request that is under way here.
    fn end(&self, session: &Arc<str>, id: &str, said: Option<&str>) -> bool {
        let open = lock(&self.running).get(&(Arc::clone(session), id.to_owned())).map(|open| Arc::clone(&open.value));
        let Some(cancelling) = open else { return false };
        if let Some(said) = said {
            // Who cancels twice is not heard the second time.
            let _ = cancelling.said.set(said.to_owned());
        }
        cancelling.token.cancel();
        true
    }

    /// From which level on a session wants log messages.
    pub(crate) async fn level(&self, account_id: AccountId, session: &Arc<str>) -> Option<Arc<str>> {
        match &self.post {
            Some(post) => post.level(account_id, session).await,
            None => self.levels.get(session),
        }
    }

    /// Keeps the level of a session.
    ///
    /// # Errors
    ///
    /// When the other processes cannot be told.
    pub(crate) async fn set_level(
        &self,
        account_id: AccountId,
        session: &Arc<str>,
        level: &str,
    ) -> Result<(), MailboxError> {
        match &self.post {
            Some(post) => post.set_level(account_id, session, level).await,
            None => {
                self.levels.insert(Arc::clone(session), level.into());
                Ok(())
            }
        }
    }

    /// Has somebody look for what other processes leave, for as long as anything is open here.
    fn look_out(&self) {
        if let Some(post) = &self.post {
            post.look_out(self);
        }
    }
}

const QUESTION: &str = "ostiary-";

/// What the id of a question is bound to.
fn question_of(session: &str) -> Vec<u8> {
    [b"question".as_slice(), session.as_bytes()].concat()
}
