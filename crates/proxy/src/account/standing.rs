//! What stands between one client and the servers at which the pool keeps sessions of its own for it, beside the session
//! that the client carries: what it was asked, and where it has sessions.
//!
//! It lives in the process that serves the client. What the others have to know is in [`shared`](crate::shared); a process
//! that has no others keeps it here.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use ostiary_model::{AccountId, ServerId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::shared::SUBSCRIPTIONS;
use crate::state::State;

/// Clients of which something is kept, and for how long one may be silent.
const CLIENTS: u64 = 10_000;
const IDLE: Duration = Duration::from_hours(1);

/// Requests that one client is asked at once, of which the server may still cancel one.
const ASKED: usize = 64;

/// What stands for all clients of this process, by the text of their session.
#[derive(Debug)]
pub(crate) struct Standings(Cache<Arc<str>, Arc<Standing>>);

impl Standings {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(CLIENTS).time_to_idle(IDLE).build())
    }

    pub(crate) fn of(&self, session: &Arc<str>) -> Arc<Standing> {
        self.0.get_with_by_ref(session, Arc::default)
    }

    /// Notes that a session ended. It is sealed, so that nothing else would say so.
    pub(crate) fn end(&self, session: &Arc<str>) {
        self.of(session).ended.cancel();
    }

    /// Whether a session ended, as far as this process knows.
    pub(crate) fn is_ended(&self, session: &Arc<str>) -> bool {
        self.0.get(session).is_some_and(|standing| standing.ended.is_cancelled())
    }
}

/// Whether a session ended, here or in another process.
pub(crate) async fn is_ended(state: &State, account_id: AccountId, session: &Arc<str>) -> bool {
    if state.standings.is_ended(session) {
        return true;
    }
    let is_ended = state.shared.is_ended(account_id, session).await;
    if is_ended {
        state.standings.end(session);
    }
    is_ended
}

/// What stands for one client.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The servers at which a session was opened for it.
    opened: watch::Sender<HashSet<ServerId>>,
    /// What it was asked: server, id there, id here.
    asked: Mutex<VecDeque<(Box<str>, String, String)>>,
    subscriptions: Mutex<HashSet<(ServerId, String)>>,
    ended: CancellationToken,
}

impl Standing {
    /// Returns when there is a session at a server, or was.
    pub(crate) async fn is_opened_at(&self, server: ServerId) {
        let mut opened = self.opened.subscribe();
        // The sender is ours, so this ends when it is so.
        let _ = opened.wait_for(|opened| opened.contains(&server)).await;
    }

    /// Notes that there is a session at a server.
    pub(crate) fn opened_at(&self, server: ServerId) {
        self.opened.send_if_modified(|opened| opened.insert(server));
    }

    /// Notes that there is none any more.
    pub(crate) fn closed_at(&self, server: ServerId) {
        self.opened.send_if_modified(|opened| opened.remove(&server));
    }

    /// Told when the session ends.
    pub(crate) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }

    /// Notes under which id the client is asked what a server asks. Both are raw.
    pub(crate) fn asked(&self, server: &str, id: &str, given: &str) {
        let mut asked = lock(&self.asked);
        if asked.len() == ASKED {
            asked.pop_front();
        }
        asked.push_back((server.into(), id.to_owned(), given.to_owned()));
    }

    /// Under which id the client was asked. It is forgotten then.
    pub(crate) fn was_asked(&self, server: &str, id: &str) -> Option<String> {
        let mut asked = lock(&self.asked);
        let at = asked.iter().position(|(of, known, _)| &**of == server && known == id)?;
        asked.remove(at).map(|(_, _, given)| given)
    }

    /// Notes that the client wants to be told of a resource.
    pub(crate) fn subscribe(&self, server: ServerId, uri: &str) {
        let mut subscriptions = lock(&self.subscriptions);
        if subscriptions.len() < SUBSCRIPTIONS {
            subscriptions.insert((server, uri.to_owned()));
        }
    }

    /// Notes that it no longer does.
    pub(crate) fn unsubscribe(&self, server: ServerId, uri: &str) {
        lock(&self.subscriptions).remove(&(server, uri.to_owned()));
    }

    /// The resources of a server that the client wants to be told of.
    pub(crate) fn subscriptions(&self, server: ServerId) -> Vec<String> {
        let subscriptions = lock(&self.subscriptions);
        subscriptions.iter().filter(|(of, _)| *of == server).map(|(_, uri)| uri.clone()).collect()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_forgets_the_oldest_and_what_was_taken_back() {
        let standing = Standing::default();
        for id in 0..=ASKED {
            standing.asked("pay", &id.to_string(), &format!("\"{id}\""));
        }
        assert_eq!(standing.was_asked("pay", "0"), None);
        assert_eq!(standing.was_asked("shop", "1"), None);
        assert_eq!(standing.was_asked("pay", "1").as_deref(), Some("\"1\""));
        assert_eq!(standing.was_asked("pay", "1"), None);
    }

    #[test]
    fn subscriptions_are_those_of_one_server() {
        let standings = Standings::new();
        let (one, other) = (ServerId::generate(), ServerId::generate());
        let session: Arc<str> = "s".into();
        standings.of(&session).subscribe(one, "a:b");
        assert_eq!(standings.of(&session).subscriptions(one), ["a:b"]);
        assert!(standings.of(&session).subscriptions(other).is_empty());
        standings.of(&session).unsubscribe(one, "a:b");
        assert!(standings.of(&session).subscriptions(one).is_empty());
    }
}
