//! The data plane's wish to see an inventory anew, fulfilled by the API's own way of reading one.

use async_trait::async_trait;
use ostiary_api::{ApiState, ops};
use ostiary_model::{AccountId, AuditActor, Server, ServerId};
use ostiary_proxy::{InventoryRefresher, RefreshError};
use serde_json::Value;

/// Reads inventories as `POST /servers/{id}/refresh` does.
#[derive(Debug)]
pub(crate) struct ApiRefresher(pub(crate) ApiState);

#[async_trait]
impl InventoryRefresher for ApiRefresher {
    async fn refresh(&self, account_id: AccountId, server_id: ServerId) -> Result<(), RefreshError> {
        let found = self.0.store.get_server(account_id, server_id).await;
        let server = found.map_err(|error| RefreshError(error.to_string()))?;
        // Deleted since the call was decided: there is nothing to read, and the next decision says so.
        let Some(server) = server else { return Ok(()) };
        let actor = AuditActor::system("inventory");
        let refreshed = ops::inventory::refresh(&self.0, account_id, &server, actor).await;
        refreshed.map_err(|error| RefreshError(error.to_string()))
    }
    async fn observe(&self, server: &Server, definitions: &[Value]) -> Result<(), RefreshError> {
        ops::inventory::observe(&self.0, server, definitions).await.map_err(|error| RefreshError(error.to_string()))
    }
}
