//! Watching decisions arrive.
//!
//! The log itself is asked, again and again: that works on every backend and for decisions of
//! every replica, and one question of a few rows is cheap.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, stream};
use ostiary_model::{Decision, DecisionId};
use ostiary_storage::{DecisionFilter, PageRequest, StorageError};

use crate::error::ApiError;
use crate::extract::current::is_live;
use crate::extract::{Actor, Current};
use crate::state::ApiState;

/// How far back each question looks: records become visible a little out of order.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);
/// Most decisions of one question; more than that between two questions are passed over, as
/// nobody can read them, and the list has them.
const MAX_NEW: u32 = 200;
/// Most decisions whose ending is waited for.
const MAX_OPEN: usize = 200;
/// How often the caller's right to watch is looked at again while there is nothing to send, in questions.
const RIGHTS_EVERY: u32 = 20;

/// What somebody watches.
#[derive(Debug)]
pub struct Watch {
    state: ApiState,
    current: Current,
    filter: DecisionFilter,
    /// Where the next question begins.
    since: DateTime<Utc>,
    /// Decisions at or after `since` that were sent.
    sent: HashMap<DecisionId, DateTime<Utc>>,
    /// Decisions that were sent without their ending, the oldest first.
    open: VecDeque<(DecisionId, DateTime<Utc>)>,
    ready: VecDeque<Decision>,
    questions: u32,
}

impl Watch {
    /// Watches what comes from now on.
    ///
    /// # Errors
    ///
    /// As the store.
    pub async fn new(state: ApiState, current: Current, filter: DecisionFilter) -> Result<Self, ApiError> {
        let since = state.clock.now() - OVERLAP;
        let mut watch = Self {
            state,
            current,
            filter,
            since,
            sent: HashMap::new(),
            open: VecDeque::new(),
            ready: VecDeque::new(),
            questions: 0,
        };
        // What is there already counts as sent; what is still under way is waited for.
        for decision in watch.ask().await? {
            watch.note(&decision);
        }
        Ok(watch)
    }

    /// The decisions, one after the other; ends when the caller may not watch any more.
    pub fn into_stream(self) -> impl Stream<Item = Decision> {
        stream::unfold(self, async |mut watch| {
            loop {
                if let Some(decision) = watch.ready.pop_front() {
                    return Some((decision, watch));
                }
                tokio::time::sleep(watch.state.settings.stream_interval).await;
                if let Err(error) = watch.look().await {
                    // The next question may be answered; the stream is a convenience, the list has all.
                    tracing::warn!(%error, "decisions could not be read for a stream");
                }
                // After the reading: what is sent was read while the caller might still see it.
                if !watch.may_go_on().await {
                    return None;
                }
            }
        })
    }

    async fn look(&mut self) -> Result<(), StorageError> {
        for decision in self.ask().await? {
            if self.sent.contains_key(&decision.id) {
                continue;
            }
            self.note(&decision);
            self.ready.push_back(decision);
        }
        self.look_for_endings().await?;
        self.forget(self.state.clock.now() - OVERLAP);
        Ok(())
    }

    /// New decisions, the oldest first.
    async fn ask(&self) -> Result<Vec<Decision>, StorageError> {
        let since = self.filter.since.map_or(self.since, |since| since.max(self.since));
        let filter = DecisionFilter { since: Some(since), ..self.filter.clone() };
        let page = PageRequest { limit: MAX_NEW, after: None };
        let mut found = self.state.store.list_decisions(self.current.account_id(), &filter, page).await?.items;
        found.reverse();
        Ok(found)
    }

    async fn look_for_endings(&mut self) -> Result<(), StorageError> {
        for _ in 0..self.open.len() {
            let Some((id, time)) = self.open.pop_front() else { break };
            let found = self.state.store.get_decision(self.current.account_id(), id).await;
            match found.inspect_err(|_| self.open.push_front((id, time)))? {
                Some(decision) if decision.ending.is_some() => self.ready.push_back(decision),
                Some(_) => self.open.push_back((id, time)),
                None => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, decision: &Decision) {
        self.sent.insert(decision.id, decision.time);
        let is_forwarded = !matches!(
            decision.outcome,
            ostiary_model::decision::Outcome::Denied | ostiary_model::decision::Outcome::Held
        );
        if decision.ending.is_none() && is_forwarded {
            self.open.push_back((decision.id, decision.time));
            if self.open.len() > MAX_OPEN {
                self.open.pop_front();
            }
        }
    }

    /// Moves on; what cannot be asked for again need not be known any more.
    fn forget(&mut self, since: DateTime<Utc>) {
        self.since = since;
        self.sent.retain(|_, time| *time >= since);
    }

    /// Whether the session or key still stands: signing out and revoking end a stream, too, and nothing is sent after them.
    async fn may_go_on(&mut self) -> bool {
        self.questions = self.questions.wrapping_add(1);
        if self.ready.is_empty() && !self.questions.is_multiple_of(RIGHTS_EVERY) {
            return true;
        }
        let now = self.state.clock.now();
        match &self.current.actor {
            Actor::User { session, .. } => {
                match self.state.store.find_session(session.id, now).await {
                    // A browser that looks at another account by now gets nothing more of this one.
                    Ok(found) => found.is_some_and(|found| found.account.id == self.current.account.id),
                    Err(_) => true,
                }
            }
            Actor::Key { hash, .. } => match self.state.store.find_api_key_by_hash(hash.as_bytes()).await {
                Ok(Some(found)) => is_live(&found.key, now),
                Ok(None) => false,
                // The store is away for a moment; that is no reason to send anybody away.
                Err(_) => true,
            },
        }
    }
}
