//! What servers offer beside their tools.

use std::collections::HashSet;

use async_trait::async_trait;
use ostiary_model::entry::{EntryKind, InventoryEntry};
use ostiary_model::{AccountId, ServerId};
use ostiary_storage::{Page, PageRequest, ReadEntries, StorageError, WriteEntries};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

/// The columns of an entry.
struct EntryRow {
    server_id: Uuid,
    kind: String,
    key: String,
    definition: String,
    first_seen_at: i64,
    last_seen_at: i64,
}

impl TryFrom<EntryRow> for InventoryEntry {
    type Error = StorageError;

    fn try_from(row: EntryRow) -> Result<Self, StorageError> {
        let server_id = ServerId::from_uuid(row.server_id);
        let place = Place::new("inventory_entries", format!("{server_id} {} `{}`", row.kind, row.key));
        Ok(Self {
            server_id,
            kind: place.parse("kind", &row.kind)?,
            definition: place.json("definition", &row.definition)?,
            first_seen_at: place.time("first_seen_at", row.first_seen_at)?,
            last_seen_at: place.time("last_seen_at", row.last_seen_at)?,
            key: row.key,
        })
    }
}

/// The columns of an [`EntryRow`], and what comes after them in the statement.
macro_rules! select_entries {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            EntryRow,
            r#"
            select server_id as "server_id: Uuid", kind, key, definition, first_seen_at, last_seen_at
            from inventory_entries
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadEntries for SqliteStore {
    async fn list_entries(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        page: PageRequest<String>,
    ) -> Result<Page<InventoryEntry>, StorageError> {
        let (account_id, server_id, kind) = (account_id.as_uuid(), server_id.as_uuid(), kind.as_str());
        let limit = one_more(page.limit);
        let rows = select_entries!(
            r#"where account_id = ?1 and server_id = ?2 and kind = ?3 and (?4 is null or key > ?4)
                order by key limit ?5"#,
            account_id,
            server_id,
            kind,
            page.after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, InventoryEntry::try_from)
    }

    async fn list_all_entries(
        &self,
        account_id: AccountId,
        server_id: ServerId,
    ) -> Result<Vec<InventoryEntry>, StorageError> {
        let (account_id, server_id) = (account_id.as_uuid(), server_id.as_uuid());
        select_entries!("where account_id = ?1 and server_id = ?2 order by kind, key", account_id, server_id)
            .fetch_all(&self.readers)
            .await
            .map_err(storage_error)?
            .into_iter()
            .map(InventoryEntry::try_from)
            .collect()
    }
}

#[async_trait]
impl WriteEntries for SqliteTransaction {
    async fn replace_entries(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        entries: &[InventoryEntry],
    ) -> Result<(), StorageError> {
        let (account_uuid, server_uuid, kind_text) = (account_id.as_uuid(), server_id.as_uuid(), kind.as_str());
        let server =
            sqlx::query!("select revision from servers where account_id = ? and id = ?", account_uuid, server_uuid)
                .fetch_optional(self.connection())
                .await
                .map_err(storage_error)?;
        if server.is_none() {
            return Err(StorageError::NotFound);
        }
        for entry in entries {
            self.put_entry(account_id, server_id, kind, entry).await?;
        }
        let offered: HashSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let keys = sqlx::query_scalar!(
            "select key from inventory_entries where account_id = ? and server_id = ? and kind = ?",
            account_uuid,
            server_uuid,
            kind_text
        )
        .fetch_all(self.connection())
        .await
        .map_err(storage_error)?;
        for key in keys.iter().filter(|key| !offered.contains(key.as_str())) {
            sqlx::query!(
                "delete from inventory_entries where account_id = ? and server_id = ? and kind = ? and key = ?",
                account_uuid,
                server_uuid,
                kind_text,
                key
            )
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        }
        Ok(())
    }
}

impl SqliteTransaction {
    /// Adds an entry, or replaces what changes when it is read again.
    async fn put_entry(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        entry: &InventoryEntry,
    ) -> Result<(), StorageError> {
        let (account_id, server_id, kind) = (account_id.as_uuid(), server_id.as_uuid(), kind.as_str());
        let definition = to_json(&entry.definition)?;
        let first_seen_at = entry.first_seen_at.timestamp_millis();
        let last_seen_at = entry.last_seen_at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            insert into inventory_entries (
                account_id, server_id, kind, key, definition, first_seen_at, last_seen_at
            )
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (account_id, server_id, kind, key) do update set
                definition = excluded.definition, last_seen_at = excluded.last_seen_at
            "#,
            account_id,
            server_id,
            kind,
            entry.key,
            definition,
            first_seen_at,
            last_seen_at
        )
        .execute(self.connection())
        .await
        .map_err(parent_error)?;
        one_row(&result)
    }
}
