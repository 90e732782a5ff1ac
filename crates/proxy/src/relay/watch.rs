//! Whether the grant behind a standalone stream still lives, and what it may see.
//!
//! Such a stream is not a call and may last for days. A change of the account reaches it before the next event does.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::listing::Listing;
use crate::refusal::Refusal;
use crate::stage::authenticate::Caller;
use crate::state::State;

type Checking = Pin<Box<dyn Future<Output = Result<Option<(Caller, Listing)>, Refusal>> + Send>>;

/// Watches over one stream.
pub(crate) struct Watch {
    state: Arc<State>,
    caller: Caller,
    listing: Listing,
    checking: Option<Checking>,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("server", &self.caller.server().id).finish_non_exhaustive()
    }
}

impl Watch {
    pub(crate) fn new(state: Arc<State>, caller: Caller, listing: Listing) -> Self {
        let shutdown = Box::pin(state.shutdown.clone().cancelled_owned());
        Self { state, caller, listing, checking: None, shutdown }
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
        loop {
            let checking = self.checking.get_or_insert_with(|| {
                let (state, caller) = (Arc::clone(&self.state), self.caller.clone());
                Box::pin(check(state, caller))
            });
            let Poll::Ready(checked) = checking.as_mut().poll(cx) else { return Poll::Pending };
            self.checking = None;
            match checked {
                Ok(None) => {}
                Ok(Some((caller, listing))) => (self.caller, self.listing) = (caller, listing),
                Err(_) => return Poll::Ready(false),
            }
            if self.caller.is_current(&self.state) {
                return Poll::Ready(true);
            }
        }
    }
}

/// What the caller and its view have become; none when they are what they were.
async fn check(state: Arc<State>, caller: Caller) -> Result<Option<(Caller, Listing)>, Refusal> {
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
    Ok(Some((now, listing)))
}
