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

use crate::inventory::{InventoryRefresher, RefreshError};

/// How long after one `list_changed` the next of the same server is passed over: the lists that agents ask for then
/// are looked at anyway.
const CHANGED_EVERY: Duration = Duration::from_secs(10);
/// Servers whose last `list_changed` is remembered.
const CHANGED_MAX: u64 = 10_000;

/// How many observations of a server are being written; who waits sees the sender go.
type Pending = HashMap<ServerId, (usize, watch::Sender<()>)>;

/// The observations that are being written.
#[derive(Debug)]
pub(crate) struct Observations {
    refresher: Arc<dyn InventoryRefresher>,
    /// How many there are, so that calls need no lock while there are none.
    count: AtomicUsize,
    pending: Mutex<Pending>,
    changed: Cache<ServerId, ()>,
}

impl Observations {
    pub(crate) fn new(refresher: Arc<dyn InventoryRefresher>) -> Arc<Self> {
        let changed = Cache::builder().max_capacity(CHANGED_MAX).time_to_live(CHANGED_EVERY).build();
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

    /// Reads the inventory of a server that says it has another one.
    pub(crate) fn list_changed(self: &Arc<Self>, server: &Server) {
        if self.changed.contains_key(&server.id) {
            return;
        }
        self.changed.insert(server.id, ());
        let (this, account_id, id) = (Arc::clone(self), server.account_id, server.id);
        self.begin(id);
        tokio::spawn(async move {
            let read = this.refresher.refresh(account_id, id).await;
            this.end(id, read);
        });
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
