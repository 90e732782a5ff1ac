//! Writing tools.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::tool::{Category, Override, Risk};
use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_storage::{StorageError, WriteTools};
use uuid::Uuid;

use super::ToolRow;
use crate::error::{parent_error, storage_error};
use crate::row::to_json;
use crate::transaction::{SqliteTransaction, one_row};

/// Tools of a server that are remembered after they are gone.
const GONE_MAX: i64 = 1000;

#[async_trait]
impl WriteTools for SqliteTransaction {
    async fn lock_tools(&mut self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        // The transaction is the only one that writes.
        select_tools!("where account_id = ? and server_id = ? order by name", account_id, server_id)
            .fetch_all(self.connection())
            .await
            .map_err(storage_error)?
            .into_iter()
            .map(Tool::try_from)
            .collect()
    }

    async fn replace_tools(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        tools: &[Tool],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let server_uuid = server_id.as_uuid();
        self.put_tools(account_id, server_id, tools).await?;
        let offered: HashSet<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        let names = sqlx::query_scalar!(
            "select name from tools where account_id = ? and server_id = ? and gone_at is null",
            account_uuid,
            server_uuid
        )
        .fetch_all(self.connection())
        .await
        .map_err(storage_error)?;
        let now = now.timestamp_millis();
        for name in names.iter().filter(|name| !offered.contains(name.as_str())) {
            sqlx::query!(
                "update tools set gone_at = ? where account_id = ? and server_id = ? and name = ?",
                now,
                account_uuid,
                server_uuid,
                name
            )
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        }
        sqlx::query!(
            r#"
            delete from tools
            where account_id = ?1 and server_id = ?2 and gone_at is not null and name not in (
                select name from tools where account_id = ?1 and server_id = ?2 and gone_at is not null
                order by gone_at desc, name limit ?3
            )
            "#,
            account_uuid,
            server_uuid,
            GONE_MAX
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn put_tools(
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
        for tool in tools {
            self.put_tool(account_id, server_id, tool).await?;
        }
        Ok(())
    }

    async fn override_tool(
        &mut self,
        account_id: AccountId,
        server_id: ServerId,
        name: &str,
        overridden: Option<&Override>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        let category = overridden.and_then(|overridden| overridden.category).map(Category::as_str);
        let risk = overridden.and_then(|overridden| overridden.risk).map(Risk::as_str);
        let by = overridden.map(|overridden| overridden.by.as_str());
        let at = overridden.map(|overridden| overridden.at.timestamp_millis());
        let result = sqlx::query!(
            r#"
            update tools set override_category = ?, override_risk = ?, override_by = ?, override_at = ?
            where account_id = ? and server_id = ? and name = ? and gone_at is null
            "#,
            category,
            risk,
            by,
            at,
            account_id,
            server_id,
            name
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
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
            where account_id = ?2 and server_id = ?3 and name = ?4 and fingerprint = ?1 and gone_at is null
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
            "select last_seen_at from tools where account_id = ? and server_id = ? and name = ? and gone_at is null",
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
        let category = tool.computed_category.as_str();
        let risk = tool.computed_risk.as_str();
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
                risk = excluded.risk, last_seen_at = excluded.last_seen_at, gone_at = null
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
