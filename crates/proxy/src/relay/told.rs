//! What an upstream says of changed lists on a stream that no request asked for: it is looked into before it is passed.
//!
//! A change of what the grant does not see is none of its business. So the inventory is read anew: when that has the change,
//! the stream says what has become different for the grant, which may be nothing. When the reading fails or takes long, or
//! finds nothing else than before, what the upstream said is passed: its lists may be others for each session, or in another
//! respect than the inventory holds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use ostiary_mcp::subscription::Change;
use tokio::time::Instant;

use crate::sight::Sight;
use crate::stage::authenticate::Caller;
use crate::state::State;

/// How long what was said is held.
const HELD: Duration = Duration::from_secs(1);
/// How long after a change that a reading had what is said of the same list is taken to be about it: servers say so for
/// each of several tools that they change at once.
const SAME: Duration = Duration::from_secs(1);

/// What the inventory has after the reading, and when that began; none when nobody knows.
type Looking = Pin<Box<dyn Future<Output = Option<(Sight, Instant)>> + Send>>;

/// What was said of each list of one server, on one stream.
pub(super) struct Told {
    /// What the server was known to offer when the last change was looked into, whoever sees it.
    known: Sight,
    lists: [List; Change::ALL.len()],
}

#[derive(Default)]
struct List {
    looking: Option<Looking>,
    /// As the client would get it.
    event: Bytes,
    /// When it was said once more since the look began.
    said_again: Option<Instant>,
    /// When a reading last had a change.
    changed: Option<Instant>,
    /// The last look came to nothing: what the next one finds may be what was passed then.
    is_behind: bool,
}

impl Told {
    pub(super) fn new(known: Sight) -> Self {
        Self { known, lists: Default::default() }
    }

    /// Notes what was said, and looks into it when it is next polled.
    pub(super) fn note(&mut self, state: &Arc<State>, caller: &Caller, change: Change, event: Bytes) {
        let Some(list) = self.lists.get_mut(change as usize) else { return };
        list.event = event;
        if list.looking.is_some() {
            list.said_again = Some(Instant::now());
        } else {
            list.looking = Some(Box::pin(look(Arc::clone(state), caller.clone())));
        }
    }

    /// What is to be passed after all; nothing for most.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, state: &Arc<State>, caller: &Caller) -> Vec<u8> {
        let mut out = Vec::new();
        for (list, change) in self.lists.iter_mut().zip(Change::ALL) {
            while let Some(looking) = &mut list.looking {
                let Poll::Ready(found) = looking.as_mut().poll(cx) else { break };
                let said_again = list.said_again.take();
                let is_new = |said: Instant| found.as_ref().is_none_or(|(_, began)| said > *began);
                list.looking = said_again
                    .is_some_and(is_new)
                    .then(|| -> Looking { Box::pin(look(Arc::clone(state), caller.clone())) });
                let was_behind = std::mem::replace(&mut list.is_behind, found.is_none());
                let has_changed = found.as_ref().is_some_and(|(found, _)| self.known.follow(found, change));
                if has_changed {
                    list.changed = Some(Instant::now());
                }
                let is_explained = list.changed.is_some_and(|changed| changed.elapsed() < SAME);
                if found.is_none() || !is_explained || (has_changed && was_behind) {
                    out.extend_from_slice(&list.event);
                }
            }
        }
        out
    }

    /// What is still being looked into, when the stream ends before that is done.
    pub(super) fn give_up(&mut self) -> Vec<u8> {
        let open =
            self.lists.iter_mut().filter_map(|list| list.looking.take().map(|_| std::mem::take(&mut list.event)));
        open.flatten().collect()
    }
}

/// Has the inventory read anew; what is known of it then.
async fn look(state: Arc<State>, caller: Caller) -> Option<(Sight, Instant)> {
    let looked = async {
        let began = state.inventories.observations.changed(caller.server()).await?;
        let caller = caller.confirmed(&state).await.ok()?;
        let inventory = caller.endpoint.inventory(&state.inventories, caller.grant.epoch).await.ok()?;
        Some((Sight::offered(inventory), began))
    };
    // The reading goes on.
    tokio::time::timeout(HELD, looked).await.ok().flatten()
}
