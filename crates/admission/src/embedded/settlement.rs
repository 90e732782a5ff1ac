//! Ends of calls on their way to the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ostiary_counters::SlotChange;
use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, DecisionId};
use tokio::sync::mpsc;

/// How one call ended, and what it gave back.
#[derive(Debug)]
pub(super) struct Settlement {
    pub(super) account_id: AccountId,
    pub(super) decision_id: DecisionId,
    pub(super) ending: Option<Ending>,
    pub(super) changes: Vec<SlotChange>,
}

/// Where ends of calls are handed over.
///
/// The channel has no bound, because a call must be able to end without waiting. What bounds it is that every call
/// ends once, and that no call is admitted while too many ends are waiting.
#[derive(Clone, Debug)]
pub(super) struct Settlements {
    sender: mpsc::UnboundedSender<Settlement>,
    backlog: Arc<AtomicUsize>,
}

impl Settlements {
    pub(super) fn channel() -> (Self, mpsc::UnboundedReceiver<Settlement>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender, backlog: Arc::default() }, receiver)
    }

    /// Hands over the end of a call. After shutdown it is not written any more; the record then has no ending.
    pub(super) fn send(&self, settlement: Settlement) {
        self.backlog.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(settlement).is_err() {
            self.backlog.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many are handed over and not written.
    pub(super) fn len(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }

    /// The number behind [`Settlements::len`], for the writer to count down. It holds no sender.
    pub(super) fn backlog(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.backlog)
    }
}
