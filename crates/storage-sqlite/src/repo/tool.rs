//! Tools: inventories of servers.

use std::collections::HashSet;

use async_trait::async_trait;
use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_storage::{Page, PageRequest, ReadTools, StorageError, WriteTools};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::{Place, one_more, to_json, to_page};
use crate::store::SqliteStore;
use crate::transaction::{SqliteTransaction, one_row};

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
                server_id as "server_id: Uuid", name, definition, fingerprint, accepted_fingerprint, category, risk,
                first_seen_at, last_seen_at
            from tools
            "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl ReadTools for SqliteStore {
    async fn get_tool(
        &self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
    ) -> Result<Option<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!("where account_id = ? and server_id = ? and name = ?", account_id, server_id, name)
            .fetch_optional(&self.readers)
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
            "where account_id = ?1 and server_id = ?2 and (?3 is null or name > ?3) order by name limit ?4",
            account_id,
            server_id,
            page.after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        to_page(rows, page.limit, Tool::try_from)
    }

    async fn list_all_tools(&self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!("where account_id = ? and server_id = ? order by name", account_id, server_id)
            .fetch_all(&self.readers)
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
            r#"select count(*) as "count!: i64" from tools where account_id = ? and server_id = ?"#,
            account_id,
            server_id
        )
        .fetch_one(&self.readers)
        .await
        .map_err(storage_error)
    }
}

#[async_trait]
impl WriteTools for SqliteTransaction {
    async fn replace_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let server_uuid = server_id.as_uuid();
        let server =
            sqlx::query!("select revision from servers where account_id = ? and id = ?", account_uuid, server_uuid)
                .fetch_optional(self.connection())
                .await
                .map_err(storage_error)?;
        if server.is_none() {
            return Err(StorageError::NotFound);
        }
        let kept: HashSet<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        let names = sqlx::query_scalar!(
            "select name from tools where account_id = ? and server_id = ?",
            account_uuid,
            server_uuid
        )
        .fetch_all(self.connection())
        .await
        .map_err(storage_error)?;
        for name in names.iter().filter(|name| !kept.contains(name.as_str())) {
            sqlx::query!(
                "delete from tools where account_id = ? and server_id = ? and name = ?",
                account_uuid,
                server_uuid,
                name
            )
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        }
        for tool in tools {
            self.put_tool(account_id, server_id, tool).await?;
        }
        Ok(())
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
            update tools set accepted_fingerprint = ?1
            where account_id = ?2 and server_id = ?3 and name = ?4 and fingerprint = ?1
            "#,
            fingerprint,
            account_id,
            server_id,
            name
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!(
            "select last_seen_at from tools where account_id = ? and server_id = ? and name = ?",
            account_id,
            server_id,
            name
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }
}

impl SqliteTransaction {
    /// Adds a tool, or replaces what changes when it is read again.
    async fn put_tool(&mut self, account_id: AccountId, server_id: ServerId, tool: &Tool) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let definition = to_json(&tool.definition)?;
        let fingerprint = tool.fingerprint.as_slice();
        let accepted_fingerprint = tool.accepted_fingerprint.as_slice();
        let category = tool.category.as_str();
        let risk = tool.risk.as_str();
        let first_seen_at = tool.first_seen_at.timestamp_millis();
        let last_seen_at = tool.last_seen_at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            insert into tools (
                account_id, server_id, name, definition, fingerprint, accepted_fingerprint, category, risk,
                first_seen_at, last_seen_at
            )
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (account_id, server_id, name) do update set
                definition = excluded.definition, fingerprint = excluded.fingerprint, category = excluded.category,
                risk = excluded.risk, last_seen_at = excluded.last_seen_at
            "#,
            account_id,
            server_id,
            tool.name,
            definition,
            fingerprint,
            accepted_fingerprint,
            category,
            risk,
            first_seen_at,
            last_seen_at
        )
        .execute(self.connection())
        .await
        .map_err(parent_error)?;
        one_row(&result)
    }
}
