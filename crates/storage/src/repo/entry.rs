//! What servers offer beside their tools.

use async_trait::async_trait;
use ostiary_model::entry::{EntryKind, InventoryEntry};
use ostiary_model::{AccountId, ServerId};

use crate::{Page, PageRequest, StorageError};

/// Reads entries.
#[async_trait]
pub trait ReadEntries {
    /// A page of the entries of a kind that the server offered when it was last read, by key.
    async fn list_entries(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        page: PageRequest<String>,
    ) -> Result<Page<InventoryEntry>, StorageError>;

    /// All of them, of every kind, by kind and key.
    async fn list_all_entries(
        &self,
        account_id: AccountId,
        server_id: ServerId,
    ) -> Result<Vec<InventoryEntry>, StorageError>;
}

/// Writes entries.
#[async_trait]
pub trait WriteEntries {
    /// Makes `entries`, all of this kind, the server's list: those that are known keep when they were first seen, and the
    /// others are forgotten. Of two with one key, the later stands.
    async fn replace_entries(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        entries: &[InventoryEntry],
    ) -> Result<(), StorageError>;
}
