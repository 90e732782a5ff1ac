//! Writing servers.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::server::{InventoryState, ServerIdentity};
use ostiary_model::{AccountId, Server, ServerId};
use ostiary_storage::{StorageError, WriteServers};

use super::row::auth_columns;
use crate::error::{parent_error, storage_error};
use crate::row::to_json;
use crate::text::clean_option;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

#[async_trait]
impl WriteServers for PgTransaction {
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
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
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
            clean_option(server.identity.name.as_deref()) as _,
            clean_option(server.identity.version.as_deref()) as _,
            clean_option(server.identity.protocol_version.as_deref()) as _,
            clean_option(server.identity.instructions.as_deref()) as _,
            capabilities,
            inventory_read_at,
            clean_option(server.inventory.error.as_deref()) as _,
            lists,
            server.revision,
            created_at,
            updated_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
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
                slug = $1, name = $2, url = $3, auth_header_names = $4, auth_sealed = $5, on_tool_change = $6,
                on_limits_unavailable = $7, updated_at = $8, revision = revision + 1
            where account_id = $9 and id = $10 and revision = $11
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
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!("select revision from servers where account_id = $1 and id = $2", account_id, id)
            .fetch_optional(&mut *self.inner)
            .within(self.patience)
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
                identity_name = $1, identity_version = $2, identity_protocol_version = $3, identity_instructions = $4,
                identity_capabilities = $5, inventory_read_at = $6, inventory_error = $7, inventory_lists = $8
            where account_id = $9 and id = $10
            "#,
            clean_option(identity.name.as_deref()) as _,
            clean_option(identity.version.as_deref()) as _,
            clean_option(identity.protocol_version.as_deref()) as _,
            clean_option(identity.instructions.as_deref()) as _,
            capabilities,
            read_at,
            clean_option(state.error.as_deref()) as _,
            lists,
            account_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
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
            update servers set inventory_tried_at = $2
            where (account_id, id) in (
                select account_id, id from servers where coalesce(inventory_tried_at, created_at) < $1
                order by inventory_tried_at nulls first limit $3 for no key update skip locked
            )
            returning account_id, id
            "#,
            before,
            now,
            limit
        )
        .fetch_all(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let ids = rows.into_iter().map(|row| (AccountId::from_uuid(row.account_id), ServerId::from_uuid(row.id)));
        Ok(ids.collect())
    }

    async fn delete_server(&mut self, account_id: AccountId, id: ServerId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        // Held against bindings that are just being made: the grants of all bindings that go have their revision raised.
        sqlx::query!("select revision from servers where account_id = $1 and id = $2 for update", account_id, id)
            .fetch_optional(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .ok_or(StorageError::NotFound)?;
        sqlx::query!(
            r#"
            update grants set revision = revision + 1
            where account_id = $1
                and id in (select grant_id from bindings where account_id = $1 and server_id = $2)
            "#,
            account_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        // Bindings first: they refer to the policies, which go with the server like its tools.
        sqlx::query!("delete from bindings where account_id = $1 and server_id = $2", account_id, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        let result = sqlx::query!("delete from servers where account_id = $1 and id = $2", account_id, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }
}
