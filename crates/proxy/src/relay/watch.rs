//! Whether the grant behind a standalone stream still lives, and what it may see.
//!
//! Such a stream is not a call and may last for days. A change of the account reaches it before the next event does.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use ostiary_mcp::subscription::Change;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::listing::Listing;
use crate::notice::Notices;
use crate::refusal::Refusal;
use crate::relay::told::Told;
use crate::sight::Sight;
use crate::stage::authenticate::Caller;
use crate::state::State;

type Checking = Pin<Box<dyn Future<Output = Result<Option<(Caller, Listing, Sight)>, Refusal>> + Send>>;

/// How often a stream on which nothing happens looks whether the account changed.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Watches over one stream.
pub(crate) struct Watch {
    state: Arc<State>,
    caller: Caller,
    listing: Listing,
    /// What the grant saw when its client was last told; none until it was looked at.
    sight: Option<Sight>,
    notices: Notices,
    /// What the upstream says of changed lists.
    told: Told,
    /// What there is to tell.
    telling: Vec<u8>,
    look: Pin<Box<Sleep>>,
    checking: Option<Checking>,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("server", &self.caller.server().id).finish_non_exhaustive()
    }
}

impl Watch {
    pub(crate) fn new(state: Arc<State>, caller: Caller, listing: Listing, notices: Notices) -> Self {
        let shutdown = Box::pin(state.shutdown.clone().cancelled_owned());
        let look = Box::pin(tokio::time::sleep(LOOK_EVERY));
        let (told, telling) = (Told::new(listing.offered()), Vec::new());
        Self { state, caller, listing, sight: None, notices, told, telling, look, checking: None, shutdown }
    }

    /// Takes what the upstream says of a changed list, as the client would get it.
    pub(crate) fn told(&mut self, change: Change, event: Bytes) {
        self.told.note(&self.state, &self.caller, change, event);
    }

    /// Looks into what the upstream said.
    pub(crate) fn poll_told(&mut self, cx: &mut Context<'_>) {
        let passed = self.told.poll(cx, &self.state, &self.caller);
        self.telling.extend(passed);
    }

    /// The stream ends: what was not looked into to the end is told.
    pub(crate) fn give_up(&mut self) {
        self.telling.extend(self.told.give_up());
    }

    /// The events that say what changed for the client since they were last taken.
    pub(crate) fn take_notice(&mut self) -> Option<Bytes> {
        Some(Bytes::from(std::mem::take(&mut self.telling))).filter(|events| !events.is_empty())
    }

    /// What of lists may be seen.
    pub(crate) const fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Whether the stream may go on. Asked before every event, and whenever the stream's pulse beats.
    pub(crate) fn poll_alive(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.shutdown.as_mut().poll(cx).is_ready() {
            return Poll::Ready(false);
        }
        self.poll_told(cx);
        // So that somebody looks again when nothing else happens.
        while self.look.as_mut().poll(cx).is_ready() {
            self.look.as_mut().reset(Instant::now() + LOOK_EVERY);
        }
        loop {
            let checking = self.checking.get_or_insert_with(|| {
                let (state, caller) = (Arc::clone(&self.state), self.caller.clone());
                let first = self.sight.is_none().then(|| self.listing.clone());
                Box::pin(check(state, caller, first))
            });
            let Poll::Ready(checked) = checking.as_mut().poll(cx) else { return Poll::Pending };
            self.checking = None;
            match checked {
                Ok(None) => {}
                Ok(Some((caller, listing, sight))) => {
                    let changed = self.sight.as_ref().map(|before| sight.changed_since(before)).unwrap_or_default();
                    self.telling.extend(self.notices.events(&changed).unwrap_or_default());
                    (self.caller, self.listing, self.sight) = (caller, listing, Some(sight));
                }
                Err(_) => return Poll::Ready(false),
            }
            if self.caller.is_current(&self.state) {
                return Poll::Ready(true);
            }
        }
    }
}

/// What the caller and its view have become; none when they are what they were. `first` is the view of a caller that was
/// not looked at yet.
async fn check(
    state: Arc<State>,
    caller: Caller,
    first: Option<Listing>,
) -> Result<Option<(Caller, Listing, Sight)>, Refusal> {
    if let Some(listing) = first {
        let sight = Sight::of(&state, &caller, &listing).await?;
        return Ok(Some((caller, listing, sight)));
    }
    let now = caller.clone().confirmed(&state).await?;
    if Arc::ptr_eq(&now.grant, &caller.grant) {
        return Ok(None);
    }
    let (server, before) = (now.server(), caller.server());
    // The stream was opened at an address, and with credentials, that are the server's no more.
    if server.url != before.url || server.auth != before.auth {
        return Err(Refusal::session_not_found());
    }
    let listing = Listing::of(&state, &now).await?;
    let sight = Sight::of(&state, &now, &listing).await?;
    Ok(Some((now, listing, sight)))
}
