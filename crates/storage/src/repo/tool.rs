//! Tools: inventories of servers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::tool::Override;
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

    /// Names of tools of the account's other servers, at most `limit` of them: what agents may see beside this one's.
    async fn list_foreign_tool_names(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        limit: u32,
    ) -> Result<Vec<String>, StorageError>;
}

/// Writes tools.
#[async_trait]
pub trait WriteTools {
    /// Every tool that is remembered, those that are gone included, by name; no other transaction changes them until this
    /// one ends.
    async fn lock_tools(&mut self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError>;

    /// Makes `tools` the inventory of the server: as [`put_tools`](Self::put_tools), and the others are gone since `now`.
    /// Of those that are gone, the last thousand are remembered.
    async fn replace_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// Adds new tools, and replaces those that are known, keeping when they were first seen, what was accepted, and what
    /// a person said of them. The others stay.
    async fn put_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
    ) -> Result<(), StorageError>;

    /// Says something else of a tool than its definition does; none takes it back.
    async fn override_tool(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
        overridden: Option<&Override>,
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
