//! Writing tools.

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::tool::{Category, Override, Risk};
use ostiary_model::{AccountId, ServerId, Tool};
use ostiary_storage::{StorageError, WriteTools};

use super::ToolRow;
use crate::error::storage_error;
use crate::row::to_json;
use crate::text::clean;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

/// Tools of a server that are remembered after they are gone.
const GONE_MAX: i64 = 1000;

#[async_trait]
impl WriteTools for PgTransaction {
    async fn lock_tools(&mut self, account_id: AccountId, server_id: ServerId) -> Result<Vec<Tool>, StorageError> {
        self.lock_server(account_id, server_id).await?;
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        select_tools!("where account_id = $1 and server_id = $2 order by name", account_id, server_id)
            .fetch_all(&mut *self.inner)
            .within(self.patience)
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
        let names: Vec<Cow<'_, str>> = tools.iter().map(|tool| clean(&tool.name)).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let now = now.timestamp_millis();
        sqlx::query!(
            r#"
            update tools set gone_at = $4
            where account_id = $1 and server_id = $2 and gone_at is null and name <> all($3::text[])
            "#,
            account_uuid,
            server_uuid,
            &names as _,
            now
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        sqlx::query!(
            r#"
            delete from tools
            where account_id = $1 and server_id = $2 and gone_at is not null and name not in (
                select name from tools where account_id = $1 and server_id = $2 and gone_at is not null
                order by gone_at desc, name limit $3
            )
            "#,
            account_uuid,
            server_uuid,
            GONE_MAX
        )
        .execute(&mut *self.inner)
        .within(self.patience)
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
        self.lock_server(account_id, server_id).await?;
        // Of two tools with one name, the later stands.
        let tools: BTreeMap<Cow<'_, str>, &Tool> = tools.iter().map(|tool| (clean(&tool.name), tool)).collect();
        self.put_all(account_id, server_id, &tools).await
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
            update tools set override_category = $1, override_risk = $2, override_by = $3, override_at = $4
            where account_id = $5 and server_id = $6 and name = $7 and gone_at is null
            "#,
            category,
            risk,
            by,
            at,
            account_id,
            server_id,
            name
        )
        .execute(&mut *self.inner)
        .within(self.patience)
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
            update tools set accepted_fingerprint = $1
            where account_id = $2 and server_id = $3 and name = $4 and fingerprint = $1 and gone_at is null
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
            "select last_seen_at from tools where account_id = $1 and server_id = $2 and name = $3 and gone_at is null",
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
    /// Holds the server, so that two changes of one inventory follow each other.
    pub(crate) async fn lock_server(&mut self, account_id: AccountId, server_id: ServerId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let server_id = server_id.as_uuid();
        sqlx::query!(
            "select revision from servers where account_id = $1 and id = $2 for no key update",
            account_id,
            server_id
        )
        .fetch_optional(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?
        .map(drop)
        .ok_or(StorageError::NotFound)
    }

    /// Adds tools, or replaces what changes when they are read again; all in one statement.
    async fn put_all(
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
        let categories: Vec<&str> = tools.values().map(|tool| tool.computed_category.as_str()).collect();
        let risks: Vec<&str> = tools.values().map(|tool| tool.computed_risk.as_str()).collect();
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
                risk = excluded.risk, last_seen_at = excluded.last_seen_at, gone_at = null
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
