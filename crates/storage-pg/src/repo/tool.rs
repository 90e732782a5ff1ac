//! Tools: inventories of servers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_storage::{Page, PageRequest, ReadTools, StorageError, WriteTools};
use uuid::Uuid;

use crate::error::storage_error;
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::PgStore;
use crate::text::clean;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

/// The columns of a tool.
struct ToolRow {
    server_id: Uuid,
    name: String,
    definition: String,
    fingerprint: Vec<u8>,
    accepted_fingerprint: Vec<u8>,
    category: String,
    risk: String,
    first_seen_at: i64,
    last_seen_at: i64,
}

impl TryFrom<ToolRow> for Tool {
    type Error = StorageError;

    fn try_from(row: ToolRow) -> Result<Self, StorageError> {
        let server_id = ServerId::from_uuid(row.server_id);
        let place = Place::new("tools", format!("{server_id} `{}`", row.name));
        Ok(Self {
            server_id,
            definition: place.json("definition", &row.definition)?,
            fingerprint: place.hash("fingerprint", &row.fingerprint)?,
            accepted_fingerprint: place.hash("accepted_fingerprint", &row.accepted_fingerprint)?,
            category: place.parse("category", &row.category)?,
            risk: place.parse("risk", &row.risk)?,
            first_seen_at: place.time("first_seen_at", row.first_seen_at)?,
            last_seen_at: place.time("last_seen_at", row.last_seen_at)?,
            name: row.name,
        })
    }
}

/// The columns of a [`ToolRow`], and what comes after them in the statement.
macro_rules! select_tools {
    ($rest:tt, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            ToolRow,
            r#"
            select
                server_id, name, definition, fingerprint, accepted_fingerprint, category, risk,
                first_seen_at, last_seen_at
            from tools
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadTools for PgStore {
    async fn get_tool(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
    ) -> Result<Option<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!("where account_id = $1 and server_id = $2 and name = $3", account_id, server_id, name)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(Tool::try_from)
            .transpose()
    }

    async fn list_tools(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        page: PageRequest<String>,
    ) -> Result<Page<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let limit = one_more(page.limit);
        let rows = select_tools!(
            "where account_id = $1 and server_id = $2 and ($3::text is null or name > $3) order by name limit $4",
            account_id,
            server_id,
            page.after,
            limit
        )
        .fetch_all(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Tool::try_from)
    }

    async fn list_all_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!("where account_id = $1 and server_id = $2 order by name", account_id, server_id)
            .fetch_all(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .into_iter()
            .map(Tool::try_from)
            .collect()
    }

    async fn count_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<i64, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        sqlx::query_scalar!(
            r#"select count(*) as "count!" from tools where account_id = $1 and server_id = $2"#,
            account_id,
            server_id
        )
        .fetch_one(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)
    }
}

#[async_trait]
impl WriteTools for PgTransaction {
    async fn replace_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let server_uuid = server_id.as_uuid();
        // Held, so that two readings of one inventory follow each other.
        sqlx::query!(
            "select revision from servers where account_id = $1 and id = $2 for no key update",
            account_uuid,
            server_uuid
        )
        .fetch_optional(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .ok_or(StorageError::NotFound)?;
        // Of two tools with one name, the later stands.
        let tools: BTreeMap<Cow<'_, str>, &Tool> = tools.iter().map(|tool| (clean(&tool.name), tool)).collect();
        let names: Vec<&str> = tools.keys().map(AsRef::as_ref).collect();
        sqlx::query!(
            "delete from tools where account_id = $1 and server_id = $2 and name <> all($3::text[])",
            account_uuid,
            server_uuid,
            &names as _
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        self.put_tools(account_id, server_id, &tools).await
    }

    async fn accept_tool(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
        fingerprint: &[u8; 32],
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let fingerprint = fingerprint.as_slice();
        let result = sqlx::query!(
            r#"
            update tools set accepted_fingerprint = $1
            where account_id = $2 and server_id = $3 and name = $4 and fingerprint = $1
            "#,
            fingerprint,
            account_id,
            server_id,
            name
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!(
            "select last_seen_at from tools where account_id = $1 and server_id = $2 and name = $3",
            account_id,
            server_id,
            name
        )
        .fetch_optional(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }
}

impl PgTransaction {
    /// Adds tools, or replaces what changes when they are read again; all in one statement.
    async fn put_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &BTreeMap<Cow<'_, str>, &Tool>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let names: Vec<&str> = tools.keys().map(AsRef::as_ref).collect();
        let definitions = tools.values().map(|tool| to_json(&tool.definition)).collect::<Result<Vec<_>, _>>()?;
        let fingerprints: Vec<&[u8]> = tools.values().map(|tool| tool.fingerprint.as_slice()).collect();
        let accepted: Vec<&[u8]> = tools.values().map(|tool| tool.accepted_fingerprint.as_slice()).collect();
        let categories: Vec<&str> = tools.values().map(|tool| tool.category.as_str()).collect();
        let risks: Vec<&str> = tools.values().map(|tool| tool.risk.as_str()).collect();
        let first_seen: Vec<i64> = tools.values().map(|tool| tool.first_seen_at.timestamp_millis()).collect();
        let last_seen: Vec<i64> = tools.values().map(|tool| tool.last_seen_at.timestamp_millis()).collect();
        sqlx::query!(
            r#"
            insert into tools (
                account_id, server_id, name, definition, fingerprint, accepted_fingerprint, category, risk,
                first_seen_at, last_seen_at
            )
            select $1, $2, *
            from unnest(
                $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::bigint[]
            )
            on conflict (account_id, server_id, name) do update set
                definition = excluded.definition, fingerprint = excluded.fingerprint, category = excluded.category,
                risk = excluded.risk, last_seen_at = excluded.last_seen_at
            "#,
            account_id,
            server_id,
            &names as _,
            &definitions,
            &fingerprints as _,
            &accepted as _,
            &categories as _,
            &risks as _,
            &first_seen,
            &last_seen
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
