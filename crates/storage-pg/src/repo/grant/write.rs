//! Writing grants.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Binding, Grant, GrantId, PolicyId, ServerId};
use ostiary_storage::{StorageError, WriteGrants};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::row::to_json;
use crate::transaction::{PgTransaction, one_row};
use crate::within::Within as _;

#[async_trait]
impl WriteGrants for PgTransaction {
    async fn create_grant(&mut self, grant: &Grant, token_hash: &[u8; 32]) -> Result<(), StorageError> {
        let account_id = grant.account_id.as_uuid();
        let id = grant.id.as_uuid();
        let label = grant.label.as_str();
        let metadata = to_json(&grant.metadata)?;
        let token_hint = &*grant.token_hint;
        let expires_at = grant.expires_at.map(|at| at.timestamp_millis());
        let revoked_at = grant.revoked_at.map(|at| at.timestamp_millis());
        let last_used_at = grant.last_used_at.map(|at| at.timestamp_millis());
        let created_at = grant.created_at.timestamp_millis();
        sqlx::query!(
            r#"
            insert into grants (
                account_id, id, label, metadata, token_hint, expires_at, revoked_at, last_used_at, revision, created_at
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            "#,
            account_id,
            id,
            label,
            metadata,
            token_hint,
            expires_at,
            revoked_at,
            last_used_at,
            grant.revision,
            created_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(parent_error)?;
        self.insert_token(grant.account_id, grant.id, token_hash).await?;
        for binding in &grant.bindings {
            self.upsert_binding(grant.account_id, grant.id, binding).await?;
        }
        Ok(())
    }

    async fn update_grant(&mut self, grant: &Grant) -> Result<(), StorageError> {
        let account_id = grant.account_id.as_uuid();
        let id = grant.id.as_uuid();
        let label = grant.label.as_str();
        let metadata = to_json(&grant.metadata)?;
        let expires_at = grant.expires_at.map(|at| at.timestamp_millis());
        let result = sqlx::query!(
            r#"
            update grants set label = $1, metadata = $2, expires_at = $3, revision = revision + 1
            where account_id = $4 and id = $5 and revision = $6
            "#,
            label,
            metadata,
            expires_at,
            account_id,
            id,
            grant.revision
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!("select revision from grants where account_id = $1 and id = $2", account_id, id)
            .fetch_optional(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }

    async fn put_binding(&mut self, account_id: AccountId, id: GrantId, binding: &Binding) -> Result<(), StorageError> {
        self.hold_server(account_id, binding.server_id).await?;
        self.raise_revision(account_id, id).await?;
        self.upsert_binding(account_id, id, binding).await
    }

    async fn delete_binding(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        server_id: ServerId,
    ) -> Result<(), StorageError> {
        // The grant first, as everywhere; when there is no such binding, the transaction is dropped.
        self.raise_revision(account_id, id).await?;
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let server_id = server_id.as_uuid();
        let result = sqlx::query!(
            "delete from bindings where account_id = $1 and grant_id = $2 and server_id = $3",
            account_id,
            id,
            server_id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        one_row(&result)
    }

    async fn rotate_token(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        token_hash: &[u8; 32],
        token_hint: &str,
        old_until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let grant_uuid = id.as_uuid();
        let old_until = old_until.timestamp_millis();
        let result = sqlx::query!(
            "update grants set token_hint = $1, revision = revision + 1 where account_id = $2 and id = $3",
            token_hint,
            account_uuid,
            grant_uuid
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        one_row(&result)?;
        sqlx::query!(
            r#"
            update grant_tokens set expires_at = least(expires_at, $1)
            where account_id = $2 and grant_id = $3
            "#,
            old_until,
            account_uuid,
            grant_uuid
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        self.insert_token(account_id, id, token_hash).await
    }

    async fn revoke_grant(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let at = at.timestamp_millis();
        let result = sqlx::query!(
            r#"
            update grants set revision = revision + (revoked_at is null)::int, revoked_at = coalesce(revoked_at, $1)
            where account_id = $2 and id = $3
            "#,
            at,
            account_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        one_row(&result)?;
        sqlx::query!("update bindings set is_revoked = true where account_id = $1 and grant_id = $2", account_id, id)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map(drop)
            .map_err(storage_error)
    }

    async fn touch_grants(&mut self, used: &[(AccountId, GrantId, DateTime<Utc>)]) -> Result<(), StorageError> {
        // Each grant once, in the order of their keys: two processes that note the same grants then never wait for each
        // other in a circle.
        let mut latest = BTreeMap::new();
        for (account_id, id, at) in used {
            let at = at.timestamp_millis();
            let entry = latest.entry((*account_id.as_uuid(), *id.as_uuid())).or_insert(at);
            *entry = at.max(*entry);
        }
        let accounts: Vec<Uuid> = latest.keys().map(|(account_id, _)| *account_id).collect();
        let ids: Vec<Uuid> = latest.keys().map(|(_, id)| *id).collect();
        let times: Vec<i64> = latest.into_values().collect();
        sqlx::query!(
            r#"
            select g.revision
            from grants g
            join unnest($1::uuid[], $2::uuid[]) as used (account_id, id)
                on g.account_id = used.account_id and g.id = used.id
            order by g.account_id, g.id
            for no key update of g
            "#,
            &accounts,
            &ids
        )
        .fetch_all(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        sqlx::query!(
            r#"
            update grants g set last_used_at = greatest(g.last_used_at, used.at)
            from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as used (account_id, id, at)
            where g.account_id = used.account_id and g.id = used.id
            "#,
            &accounts,
            &ids,
            &times
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}

impl PgTransaction {
    /// Keeps the server from being deleted before this transaction ends.
    async fn hold_server(&mut self, account_id: AccountId, id: ServerId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        sqlx::query!("select revision from servers where account_id = $1 and id = $2 for key share", account_id, id)
            .fetch_optional(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?
            .map(drop)
            .ok_or(StorageError::NotFound)
    }

    async fn raise_revision(&mut self, account_id: AccountId, id: GrantId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let result =
            sqlx::query!("update grants set revision = revision + 1 where account_id = $1 and id = $2", account_id, id)
                .execute(&mut *self.inner)
                .within(self.patience)
                .await
                .map_err(storage_error)?;
        one_row(&result)
    }

    async fn insert_token(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        token_hash: &[u8; 32],
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let token_hash = token_hash.as_slice();
        sqlx::query!(
            "insert into grant_tokens (token_hash, account_id, grant_id) values ($1, $2, $3)",
            token_hash,
            account_id,
            id
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }

    /// Adds a binding behind the others, or replaces the one to the same server where it stands.
    async fn upsert_binding(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        binding: &Binding,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let server_id = binding.server_id.as_uuid();
        let policy_id = binding.policy_id.as_ref().map(PolicyId::as_uuid);
        let mode = binding.mode.as_str();
        sqlx::query!(
            r#"
            insert into bindings (account_id, grant_id, server_id, policy_id, mode, position, is_revoked)
            values (
                $1, $2, $3, $4, $5,
                (select coalesce(max(position), 0) + 1 from bindings where account_id = $1 and grant_id = $2),
                (select revoked_at is not null from grants where account_id = $1 and id = $2)
            )
            on conflict (account_id, grant_id, server_id) do update set
                policy_id = excluded.policy_id, mode = excluded.mode
            "#,
            account_id,
            id,
            server_id,
            policy_id,
            mode
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(parent_error)
    }
}
