//! Servers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::server::{InventoryState, ServerIdentity};
use ostiary_model::{AccountId, Server, ServerId, Slug};

use crate::{Page, PageRequest, StorageError};

/// What is said of a server beside itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServerTotals {
    /// Whose they are.
    pub id: ServerId,
    /// How many tools it offers.
    pub tools: i64,
    /// How many bytes their definitions have together, as they are kept.
    pub tool_bytes: i64,
    /// How many changes of its tools nobody has reviewed.
    pub open_changes: i64,
}

/// Reads servers.
#[async_trait]
pub trait ReadServers {
    /// The server.
    async fn get_server(&self, account_id: AccountId, id: ServerId) -> Result<Option<Server>, StorageError>;

    /// The server with the slug.
    async fn find_server_by_slug(&self, account_id: AccountId, slug: &Slug) -> Result<Option<Server>, StorageError>;

    /// Servers, the newest first.
    async fn list_servers(
        &self,
        account_id: AccountId,
        page: PageRequest<ServerId>,
    ) -> Result<Page<Server>, StorageError>;

    /// Totals of servers, in no order, with one statement for all; those that there are not are left out.
    async fn list_server_totals(
        &self,
        account_id: AccountId,
        ids: &[ServerId],
    ) -> Result<Vec<ServerTotals>, StorageError>;
}

/// Writes servers.
#[async_trait]
pub trait WriteServers {
    /// Adds a server. Conflict: `servers_account_id_slug_key`.
    async fn create_server(&mut self, server: &Server) -> Result<(), StorageError>;

    /// Replaces what people set (slug, name, URL, auth, the two settings), when the stored revision is still
    /// `server.revision`, and raises that by one; otherwise [`StorageError::Stale`].
    async fn update_server(&mut self, server: &Server) -> Result<(), StorageError>;

    /// Notes how reading the inventory ended; the revision stays.
    async fn update_server_inventory(
        &mut self,
        account_id: AccountId,
        id: ServerId,
        identity: &ServerIdentity,
        state: &InventoryState,
    ) -> Result<(), StorageError>;

    /// Takes up to `limit` servers of all accounts whose inventory nobody set out to read on schedule since `before`, and
    /// notes that somebody does `now`: of several processes, one gets each.
    async fn take_servers_to_read(
        &mut self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(AccountId, ServerId)>, StorageError>;

    /// Removes a server with its tools, policies and bindings; its decisions stay.
    /// Grants that lose a binding by it have their revision raised.
    async fn delete_server(&mut self, account_id: AccountId, id: ServerId) -> Result<(), StorageError>;
}
