//! Sessions at legacy upstreams that the gateway opens, when they are first needed: for clients that have none, one for
//! each grant and server, shared by everything that the grant sends there; and for clients whose session does not hold
//! one (it is the account's endpoint's, or began while the server was silent), one of their own at each server, because
//! there they can be asked, and have subscriptions and a level of log messages. Other processes use those, too
//! ([`shared`](crate::shared)).
//!
//! Never shared between grants: a session is the upstream's idea of who is there.

mod changes;
mod opening;
mod session;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use moka::future::Cache;
use ostiary_model::{GrantId, ServerId};

use crate::refusal::Refusal;
use crate::session::Session;
use crate::stage::authenticate::Caller;
use crate::state::State;

pub(crate) use opening::set_level;
pub(crate) use session::{Duty, PooledSession};

/// Sessions that are kept open, and for how long one may lie unused.
const SESSIONS: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(600);
/// How long the process's end waits for the sessions' own, and how many upstreams are told at once.
const ENDING: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 64;

/// Whose a session is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose<'a> {
    /// The grant's: of everything that it sends there without a session.
    Grant,
    /// One client's, whose own session this is.
    Client(&'a Session),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    grant_id: GrantId,
    server_id: ServerId,
    url: String,
    /// The text of the client's session.
    client: Option<Arc<str>>,
}

impl Key {
    fn of(caller: &Caller, whose: Whose<'_>) -> Self {
        let server = caller.server();
        let url = server.url.as_str().to_owned();
        let client = match whose {
            Whose::Grant => None,
            Whose::Client(session) => Some(Arc::clone(&session.text)),
        };
        Self { grant_id: caller.grant.grant.id, server_id: server.id, url, client }
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
    pub(crate) async fn get(
        &self,
        state: &Arc<State>,
        caller: &Caller,
        whose: Whose<'_>,
    ) -> Result<Arc<PooledSession>, Refusal> {
        let client = match whose {
            Whose::Grant => None,
            Whose::Client(session) => Some(session.clone()),
        };
        let opening = async {
            let (state, caller) = (Arc::clone(state), caller.clone());
            // A task of its own: a client that leaves must not leave a session behind that nobody knows of.
            let opened = tokio::spawn(async move { opening::open(&state, &caller, client).await }).await;
            opened.unwrap_or_else(|_| Err(Refusal::unavailable())).map(Arc::new)
        };
        let found = self.sessions.try_get_with(Key::of(caller, whose), opening).await;
        if let (Ok(found), Whose::Client(session)) = (&found, whose) {
            found.used();
            if state.standings.is_ended(&session.text) {
                self.end(state, caller, session).await;
                return Err(Refusal::session_not_found());
            }
            state.standings.of(&session.text).opened_at(caller.server().id);
        }
        found.map_err(|refusal: Arc<Refusal>| (*refusal).clone())
    }

    /// The session, if it is open. It does not lie unused then.
    pub(crate) async fn find(&self, caller: &Caller, whose: Whose<'_>) -> Option<Arc<PooledSession>> {
        let found = self.sessions.get(&Key::of(caller, whose)).await;
        if let Some(found) = &found {
            found.used();
        }
        found
    }

    /// The session of a client, if it is open here or in another process.
    pub(crate) async fn find_anywhere(
        &self,
        state: &Arc<State>,
        caller: &Caller,
        session: &Session,
    ) -> Option<Arc<PooledSession>> {
        let whose = Whose::Client(session);
        if let Some(found) = self.find(caller, whose).await {
            return Some(found);
        }
        let there = state.shared.servers(std::slice::from_ref(caller), &session.text).await.ok()?;
        if there.is_empty() { None } else { self.get(state, caller, whose).await.ok() }
    }

    /// Ends a session that its client has no more use for, in whatever process it was opened.
    pub(crate) async fn end(&self, state: &State, caller: &Caller, session: &Session) {
        let found = match self.sessions.remove(&Key::of(caller, Whose::Client(session))).await {
            Some(found) => Some(found),
            None => opening::opened_elsewhere(state, caller, session).await.map(Arc::new),
        };
        if let Some(found) = found {
            tokio::spawn(async move { found.end().await });
        }
    }

    /// Forgets a session that died, unless another has taken its place.
    pub(crate) async fn forget(&self, caller: &Caller, whose: Whose<'_>, dead: &Arc<PooledSession>) {
        let key = Key::of(caller, whose);
        if self.sessions.get(&key).await.is_some_and(|found| Arc::ptr_eq(&found, dead)) {
            dead.died().await;
            self.sessions.invalidate(&key).await;
        }
    }

    /// Ends sessions that lie unused. To be called now and then: they do not wait for the next one who needs a session.
    pub(crate) async fn tidy(&self) {
        self.sessions.run_pending_tasks().await;
    }

    /// Ends all sessions at once, but those that other processes use, for as long as [`ENDING`] allows.
    pub(crate) async fn end_all(&self) {
        let open: Vec<Arc<PooledSession>> = self.sessions.iter().map(|(_, session)| session).collect();
        self.sessions.invalidate_all();
        let ended = stream::iter(&open).for_each_concurrent(AT_ONCE, |session| session.leave());
        if tokio::time::timeout(ENDING, ended).await.is_err() {
            tracing::info!("some upstreams were not told in time that their sessions are over");
        }
    }
}
