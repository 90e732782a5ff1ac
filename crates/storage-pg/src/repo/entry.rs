//! What servers offer beside their tools.

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use ostiary_model::entry::{EntryKind, InventoryEntry};
use ostiary_model::{AccountId, ServerId};
use ostiary_storage::{Page, PageRequest, ReadEntries, StorageError, WriteEntries};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::PgStore;
use crate::text::clean;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

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
            select server_id, kind, key, definition, first_seen_at, last_seen_at
            from inventory_entries
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadEntries for PgStore {
    async fn list_entries(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        page: PageRequest<String>,
    ) -> Result<Page<InventoryEntry>, StorageError> {
        let (account_id, server_id, kind) = (account_id.as_uuid(), server_id.as_uuid(), kind.as_str());
        // What was kept is clean, and so is what it is looked for by.
        let after = page.after.as_deref().map(clean);
        let limit = one_more(page.limit);
        let rows = select_entries!(
            r#"where account_id = $1 and server_id = $2 and kind = $3 and ($4::text is null or key > $4)
                order by key limit $5"#,
            account_id,
            server_id,
            kind,
            after as _,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
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
        select_entries!("where account_id = $1 and server_id = $2 order by kind, key", account_id, server_id)
            .fetch_all(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .into_iter()
            .map(InventoryEntry::try_from)
            .collect()
    }
}

#[async_trait]
impl WriteEntries for PgTransaction {
    async fn replace_entries(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        kind: EntryKind,
        entries: &[InventoryEntry],
    ) -> Result<(), StorageError> {
        self.lock_server(account_id, server_id).await?;
        let (account_id, server_id, kind) = (account_id.as_uuid(), server_id.as_uuid(), kind.as_str());
        let entries: BTreeMap<Cow<'_, str>, &InventoryEntry> =
            entries.iter().map(|entry| (clean(&entry.key), entry)).collect();
        let keys: Vec<&str> = entries.keys().map(AsRef::as_ref).collect();
        let definitions = entries.values().map(|entry| to_json(&entry.definition)).collect::<Result<Vec<_>, _>>()?;
        let first_seen: Vec<i64> = entries.values().map(|entry| entry.first_seen_at.timestamp_millis()).collect();
        let last_seen: Vec<i64> = entries.values().map(|entry| entry.last_seen_at.timestamp_millis()).collect();
        sqlx::query!(
            r#"
            insert into inventory_entries (
                account_id, server_id, kind, key, definition, first_seen_at, last_seen_at
            )
            select $1, $2, $3, * from unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[])
            on conflict (account_id, server_id, kind, key) do update set
                definition = excluded.definition, last_seen_at = excluded.last_seen_at
            "#,
            account_id,
            server_id,
            kind,
            &keys as _,
            &definitions,
            &first_seen,
            &last_seen
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        sqlx::query!(
            r#"
            delete from inventory_entries
            where account_id = $1 and server_id = $2 and kind = $3 and key <> all($4::text[])
            "#,
            account_id,
            server_id,
            kind,
            &keys as _
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
