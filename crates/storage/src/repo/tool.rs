//! Tools: inventories of servers.

use async_trait::async_trait;
use ostiary_model::{AccountId, ServerId, Tool};

use crate::{Page, PageRequest, StorageError};

/// Reads tools.
#[async_trait]
pub trait ReadTools {
    /// The tool.
    async fn get_tool(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
    ) -> Result<Option<Tool>, StorageError>;

    /// A page of the tools the server offered when it was last read, by name.
    async fn list_tools(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        page: PageRequest<String>,
    ) -> Result<Page<Tool>, StorageError>;

    /// All of them: for the path of a call, and for lint.
    async fn list_all_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError>;

    /// How many there are.
    async fn count_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<i64, StorageError>;
}

/// Writes tools.
#[async_trait]
pub trait WriteTools {
    /// Makes `tools` the inventory of the server: adds new ones, replaces changed ones (keeping when they were
    /// first seen and what was accepted), removes the others.
    async fn replace_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
    ) -> Result<(), StorageError>;

    /// Accepts the current definition of a tool, when that still has `fingerprint`; otherwise
    /// [`StorageError::Stale`].
    async fn accept_tool(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
        fingerprint: &[u8; 32],
    ) -> Result<(), StorageError>;
}
