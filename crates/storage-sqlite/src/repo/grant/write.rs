//! Writing grants.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Binding, Grant, GrantId, PolicyId, ServerId};
use ostiary_storage::{StorageError, WriteGrants};

use crate::error::{parent_error, storage_error};
use crate::row::to_json;
use crate::transaction::{SqliteTransaction, one_row};

#[async_trait]
impl WriteGrants for SqliteTransaction {
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
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
        .execute(self.connection())
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
            update grants set label = ?, metadata = ?, expires_at = ?, revision = revision + 1
            where account_id = ? and id = ? and revision = ?
            "#,
            label,
            metadata,
            expires_at,
            account_id,
            id,
            grant.revision
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return Ok(());
        }
        let found = sqlx::query!("select revision from grants where account_id = ? and id = ?", account_id, id)
            .fetch_optional(self.connection())
            .await
            .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }

    async fn put_binding(&mut self, account_id: AccountId, id: GrantId, binding: &Binding) -> Result<(), StorageError> {
        self.raise_revision(account_id, id).await?;
        self.upsert_binding(account_id, id, binding).await
    }

    async fn delete_binding(
        &mut self,
        account_id: AccountId,
        id: GrantId,
        server_id: ServerId,
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let grant_uuid = id.as_uuid();
        let server_uuid = server_id.as_uuid();
        let result = sqlx::query!(
            "delete from bindings where account_id = ? and grant_id = ? and server_id = ?",
            account_uuid,
            grant_uuid,
            server_uuid
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)?;
        self.raise_revision(account_id, id).await
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
            "update grants set token_hint = ?, revision = revision + 1 where account_id = ? and id = ?",
            token_hint,
            account_uuid,
            grant_uuid
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)?;
        sqlx::query!(
            r#"
            update grant_tokens set expires_at = min(coalesce(expires_at, ?1), ?1)
            where account_id = ?2 and grant_id = ?3
            "#,
            old_until,
            account_uuid,
            grant_uuid
        )
        .execute(self.connection())
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
            update grants set revision = revision + (revoked_at is null), revoked_at = coalesce(revoked_at, ?)
            where account_id = ? and id = ?
            "#,
            at,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        one_row(&result)?;
        sqlx::query!("update bindings set is_revoked = true where account_id = ?1 and grant_id = ?2", account_id, id)
            .execute(self.connection())
            .await
            .map(drop)
            .map_err(storage_error)
    }

    async fn touch_grants(&mut self, used: &[(AccountId, GrantId, DateTime<Utc>)]) -> Result<(), StorageError> {
        for (account_id, id, at) in used {
            let account_id = account_id.as_uuid();
            let id = id.as_uuid();
            let at = at.timestamp_millis();
            sqlx::query!(
                r#"
                update grants set last_used_at = max(coalesce(last_used_at, ?1), ?1)
                where account_id = ?2 and id = ?3
                "#,
                at,
                account_id,
                id
            )
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        }
        Ok(())
    }
}

impl SqliteTransaction {
    async fn raise_revision(&mut self, account_id: AccountId, id: GrantId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let result =
            sqlx::query!("update grants set revision = revision + 1 where account_id = ? and id = ?", account_id, id)
                .execute(self.connection())
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
            "insert into grant_tokens (token_hash, account_id, grant_id) values (?, ?, ?)",
            token_hash,
            account_id,
            id
        )
        .execute(self.connection())
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
                ?1, ?2, ?3, ?4, ?5,
                (select coalesce(max(position), 0) + 1 from bindings where account_id = ?1 and grant_id = ?2),
                (select revoked_at is not null from grants where account_id = ?1 and id = ?2)
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
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }
}
