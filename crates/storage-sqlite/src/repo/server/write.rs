//! Writing servers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::server::{InventoryState, ServerIdentity};
use ostiary_model::{AccountId, Server, ServerId};
use ostiary_storage::{StorageError, WriteServers};
use uuid::Uuid;

use super::row::auth_columns;
use crate::error::{parent_error, storage_error};
use crate::row::to_json;
use crate::transaction::{SqliteTransaction, one_row};

#[async_trait]
impl WriteServers for SqliteTransaction {
    async fn create_server(&mut self, server: &Server) -> Result<(), StorageError> {
        let account_id = server.account_id.as_uuid();
        let id = server.id.as_uuid();
        let slug = server.slug.as_str();
        let name = server.name.as_str();
        let url = server.url.as_str();
        let (auth_header_names, auth_sealed) = auth_columns(&server.auth)?;
        let on_tool_change = server.on_tool_change.as_str();
        let on_limits_unavailable = server.on_limits_unavailable.as_str();
        let capabilities = server.identity.capabilities.as_ref().map(to_json).transpose()?;
        let inventory_read_at = server.inventory.read_at.map(|at| at.timestamp_millis());
        let lists = to_json(&server.inventory.lists)?;
        let created_at = server.created_at.timestamp_millis();
        let updated_at = server.updated_at.timestamp_millis();
        sqlx::query!(
            r#"
            insert into servers (
                account_id, id, slug, name, url, auth_header_names, auth_sealed, on_tool_change, on_limits_unavailable,
                identity_name, identity_version, identity_protocol_version, identity_instructions,
                identity_capabilities, inventory_read_at, inventory_error, inventory_lists,
                revision, created_at, updated_at
            )
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            "#,
            account_id,
            id,
            slug,
            name,
            url,
            auth_header_names,
            auth_sealed,
            on_tool_change,
            on_limits_unavailable,
            server.identity.name,
            server.identity.version,
            server.identity.protocol_version,
            server.identity.instructions,
            capabilities,
            inventory_read_at,
            server.inventory.error,
            lists,
            server.revision,
            created_at,
            updated_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn update_server(&mut self, server: &Server) -> Result<(), StorageError> {
        let account_id = server.account_id.as_uuid();
        let id = server.id.as_uuid();
        let slug = server.slug.as_str();
        let name = server.name.as_str();
        let url = server.url.as_str();
        let (auth_header_names, auth_sealed) = auth_columns(&server.auth)?;
        let on_tool_change = server.on_tool_change.as_str();
        let on_limits_unavailable = server.on_limits_unavailable.as_str();
        let updated_at = server.updated_at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            update servers set
                slug = ?, name = ?, url = ?, auth_header_names = ?, auth_sealed = ?, on_tool_change = ?,
                on_limits_unavailable = ?, updated_at = ?, revision = revision + 1
            where account_id = ? and id = ? and revision = ?
            "#,
            slug,
            name,
            url,
            auth_header_names,
            auth_sealed,
            on_tool_change,
            on_limits_unavailable,
            updated_at,
            account_id,
            id,
            server.revision
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!("select revision from servers where account_id = ? and id = ?", account_id, id)
            .fetch_optional(self.connection())
            .await
            .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }

    async fn update_server_inventory(
        &mut self,
        account_id: AccountId,
        id: ServerId,
        identity: &ServerIdentity,
        state: &InventoryState,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let capabilities = identity.capabilities.as_ref().map(to_json).transpose()?;
        let read_at = state.read_at.map(|at| at.timestamp_millis());
        let lists = to_json(&state.lists)?;
        let result = sqlx::query!(
            r#"
            update servers set
                identity_name = ?, identity_version = ?, identity_protocol_version = ?, identity_instructions = ?,
                identity_capabilities = ?, inventory_read_at = ?, inventory_error = ?, inventory_lists = ?
            where account_id = ? and id = ?
            "#,
            identity.name,
            identity.version,
            identity.protocol_version,
            identity.instructions,
            capabilities,
            read_at,
            state.error,
            lists,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn take_servers_to_read(
        &mut self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(AccountId, ServerId)>, StorageError> {
        let (before, now) = (before.timestamp_millis(), now.timestamp_millis());
        let limit = i64::from(limit);
        let rows = sqlx::query!(
            r#"
            update servers set inventory_tried_at = ?2
            where rowid in (
                select rowid from servers where coalesce(inventory_tried_at, created_at) < ?1
                order by inventory_tried_at limit ?3
            )
            returning account_id as "account_id!: Uuid", id as "id!: Uuid"
            "#,
            before,
            now,
            limit
        )
        .fetch_all(self.connection())
        .await
        .map_err(storage_error)?;
        let ids = rows.into_iter().map(|row| (AccountId::from_uuid(row.account_id), ServerId::from_uuid(row.id)));
        Ok(ids.collect())
    }

    async fn delete_server(&mut self, account_id: AccountId, id: ServerId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        sqlx::query!(
            r#"
            update grants set revision = revision + 1
            where account_id = ?1
                and id in (select grant_id from bindings where account_id = ?1 and server_id = ?2)
            "#,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        // Bindings first: they refer to the policies, which go with the server like its tools.
        sqlx::query!("delete from bindings where account_id = ? and server_id = ?", account_id, id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        let result = sqlx::query!("delete from servers where account_id = ? and id = ?", account_id, id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
