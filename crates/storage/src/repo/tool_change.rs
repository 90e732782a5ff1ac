//! Differences between inventories and what was accepted of them.

use async_trait::async_trait;
use ostiary_model::tool_change::Review;
use ostiary_model::{AccountId, ServerId, ToolChange, ToolChangeId};

use crate::{Page, PageRequest, StorageError};

/// Reads changes of tools.
#[async_trait]
pub trait ReadToolChanges {
    /// The change.
    async fn get_tool_change(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
    ) -> Result<Option<ToolChange>, StorageError>;

    /// A page of the changes that were reviewed, or of those that were not, the newest first.
    async fn list_tool_changes(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        is_reviewed: bool,
        page: PageRequest<ToolChangeId>,
    ) -> Result<Page<ToolChange>, StorageError>;
}

/// Writes changes of tools.
#[async_trait]
pub trait WriteToolChanges {
    /// Those that nobody has reviewed, the oldest first. Lock the tools first, and they stay the same.
    async fn open_tool_changes(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
    ) -> Result<Vec<ToolChange>, StorageError>;

    /// Adds a change, or replaces the one of the same id.
    async fn put_tool_change(&mut self, change: &ToolChange) -> Result<(), StorageError>;

    /// Forgets a change.
    async fn delete_tool_change(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
    ) -> Result<(), StorageError>;

    /// Notes who accepted a change. One that was reviewed before is [`StorageError::Stale`].
    async fn review_tool_change(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        id: ToolChangeId,
        review: &Review,
    ) -> Result<(), StorageError>;
}
