//! What lists that pass on their way to agents say of a server's tools.
//!
//! A definition that is not the one in the inventory is written there before a call that starts afterwards is decided:
//! in this process the call waits for it, in others the account's epoch moves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use ostiary_model::{Server, ServerId};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::inventory::{InventoryRefresher, RefreshError};

/// How often the inventory of a server is read because it says that it has another one, and how long it is waited first
/// for what else the server says.
const CHANGED_EVERY: Duration = Duration::from_secs(1);
const CHANGED_AFTER: Duration = Duration::from_millis(50);
/// How often calls wait for such a reading. A server that says so all the time must not hold up its calls.
const WAITED_EVERY: Duration = Duration::from_secs(10);
/// Servers of which it is remembered when they were last read for that.
const CHANGED_MAX: u64 = 10_000;

/// When the last reading began, and whether it succeeded; locked while there is one.
type Gate = Arc<tokio::sync::Mutex<Option<(Instant, bool)>>>;

/// How many observations of a server are being written; who waits sees the sender go.
type Pending = HashMap<ServerId, (usize, watch::Sender<()>)>;

/// The observations that are being written.
#[derive(Debug)]
pub(crate) struct Observations {
    refresher: Arc<dyn InventoryRefresher>,
    /// How many there are, so that calls need no lock while there are none.
    count: AtomicUsize,
    pending: Mutex<Pending>,
    changed: Cache<ServerId, Gate>,
}

impl Observations {
    pub(crate) fn new(refresher: Arc<dyn InventoryRefresher>) -> Arc<Self> {
        let changed = Cache::new(CHANGED_MAX);
        Arc::new(Self { refresher, count: AtomicUsize::new(0), pending: Mutex::default(), changed })
    }

    /// Writes definitions that are new or different. It goes on whatever becomes of the caller.
    pub(crate) fn note(self: &Arc<Self>, server: &Arc<Server>, definitions: Vec<Value>) {
        let (this, server) = (Arc::clone(self), Arc::clone(server));
        self.begin(server.id);
        tokio::spawn(async move {
            let written = this.refresher.observe(&server, &definitions).await;
            this.end(server.id, written);
        });
    }

    /// Has the inventory of a server read that says it has another one, aside.
    pub(crate) fn list_changed(self: &Arc<Self>, server: &Arc<Server>) {
        let (this, server) = (Arc::clone(self), Arc::clone(server));
        tokio::spawn(async move { this.changed(&server).await });
    }

    /// Reads the inventory of a server that says it has another one, or waits for a reading that begins after now; answers
    /// when that began, and nothing when it failed. It goes on whatever becomes of the caller.
    pub(crate) async fn changed(self: &Arc<Self>, server: &Server) -> Option<Instant> {
        let said = Instant::now();
        let gate = self.changed.get_with(server.id, Arc::default);
        let mut last = gate.lock_owned().await;
        if let Some((began, is_read)) = last.filter(|(began, _)| *began > said) {
            return is_read.then_some(began);
        }
        let (this, account_id, id) = (Arc::clone(self), server.account_id, server.id);
        let reading = tokio::spawn(async move {
            let is_waited_for = last.is_none_or(|(began, _)| began.elapsed() >= WAITED_EVERY);
            if is_waited_for {
                this.begin(id);
            }
            if let Some((began, _)) = *last {
                tokio::time::sleep_until(began + CHANGED_EVERY).await;
            }
            tokio::time::sleep(CHANGED_AFTER).await;
            let began = Instant::now();
            let read = this.refresher.refresh(account_id, id).await;
            let is_read = read.is_ok();
            *last = Some((began, is_read));
            if let Err(error) = read {
                tracing::warn!(server.id = %id, %error, "an inventory that is said to have changed could not be read");
            }
            if is_waited_for {
                this.end(id, Ok(()));
            }
            is_read.then_some(began)
        });
        reading.await.ok().flatten()
    }

    /// Waits until what was observed of the server so far is written.
    pub(crate) async fn settled(&self, server_id: ServerId) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let waiting = self.pending().get(&server_id).map(|(_, sender)| sender.subscribe());
        if let Some(mut waiting) = waiting {
            // Nothing is ever sent: the error is the end.
            let _ = waiting.changed().await;
        }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        // The map is whole after every statement that changes it.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, id: ServerId) {
        self.pending().entry(id).or_insert_with(|| (0, watch::channel(()).0)).0 += 1;
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    fn end(&self, id: ServerId, result: Result<(), RefreshError>) {
        if let Err(error) = result {
            tracing::warn!(server.id = %id, %error, "what a list says of tools could not be written");
        }
        let mut pending = self.pending();
        if let Some((count, _)) = pending.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                pending.remove(&id);
            }
        }
        drop(pending);
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
