//! One server as one grant reaches it: what was read of it, and what is made of that when it is first needed.

use std::sync::Arc;

use http::HeaderMap;
use ostiary_auth::{Credentials, CredentialsError};
use ostiary_model::{Mode, Server};
use ostiary_policy::Program;
use ostiary_storage::{BoundPolicy, BoundServer};
use tokio::sync::OnceCell;

use crate::inventory::{Inventories, InventoryError, ServerInventory};
use crate::programs::Programs;

/// One binding of a grant.
///
/// It lives as long as the grant's snapshot, which ends with the next change of the account; so what is kept here needs
/// no stamp of its own.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) server: Arc<Server>,
    pub(crate) policy: Option<BoundPolicy>,
    pub(crate) mode: Mode,
    program: OnceCell<Arc<Program>>,
    inventory: OnceCell<Arc<ServerInventory>>,
    credentials: OnceCell<Opened>,
}

/// Opened credentials. The map's values are marked as sensitive, but its keys and shape are not worth printing either.
struct Opened(HeaderMap);

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}

impl Endpoint {
    pub(crate) fn new(bound: BoundServer) -> Self {
        Self {
            server: bound.server,
            policy: bound.policy,
            mode: bound.mode,
            program: OnceCell::new(),
            inventory: OnceCell::new(),
            credentials: OnceCell::new(),
        }
    }

    /// About what it takes in memory, without what it shares with other grants.
    pub(crate) fn bytes(&self) -> usize {
        let document = self.policy.as_ref().map_or(0, |policy| policy.document.len());
        let instructions = self.server.identity.instructions.as_ref().map_or(0, String::len);
        2_048 + document + instructions
    }

    /// The compiled policy; none when the grant has no policy here.
    pub(crate) async fn program(&self, programs: &Programs) -> Option<&Arc<Program>> {
        let policy = self.policy.as_ref()?;
        Some(self.program.get_or_init(|| Box::pin(programs.get(policy))).await)
    }

    /// The server's tools, as they were read after the account's epoch had the stamp `epoch`. What a list said of them
    /// before is written then, so that admission finds the epoch moved.
    pub(crate) async fn inventory(
        &self,
        inventories: &Inventories,
        epoch: u64,
    ) -> Result<&Arc<ServerInventory>, InventoryError> {
        inventories.observations.settled(self.server.id).await;
        self.inventory.get_or_try_init(|| Box::pin(inventories.get(&self.server, epoch))).await
    }

    /// The headers that authenticate the gateway to the upstream.
    pub(crate) async fn credentials(&self, credentials: &Credentials) -> Result<&HeaderMap, CredentialsError> {
        let open = || async { credentials.open(self.server.id, &self.server.auth).map(Opened) };
        self.credentials.get_or_try_init(open).await.map(|opened| &opened.0)
    }
}
