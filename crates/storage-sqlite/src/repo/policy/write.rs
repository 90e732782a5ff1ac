//! Writing policies.

use async_trait::async_trait;
use ostiary_model::{AccountId, Name, Policy, PolicyId, PolicyVersion};
use ostiary_storage::{StorageError, WritePolicies};

use crate::error::{child_error, parent_error, storage_error};
use crate::transaction::{SqliteTransaction, one_row};

#[async_trait]
impl WritePolicies for SqliteTransaction {
    async fn create_policy(&mut self, policy: &Policy) -> Result<(), StorageError> {
        let account_id = policy.account_id.as_uuid();
        let id = policy.id.as_uuid();
        let server_id = policy.server_id.as_uuid();
        let name = policy.name.as_str();
        let created_at = policy.created_at.timestamp_millis();
        sqlx::query!(
            "insert into policies (account_id, id, server_id, name, version, created_at) values (?, ?, ?, ?, ?, ?)",
            account_id,
            id,
            server_id,
            name,
            policy.version.number,
            created_at
        )
        .execute(self.connection())
        .await
        .map_err(parent_error)?;
        self.insert_version(policy.account_id, policy.id, &policy.version).await
    }

    async fn create_policy_version(
        &mut self,
        account_id: AccountId,
        id: PolicyId,
        version: &PolicyVersion,
    ) -> Result<(), StorageError> {
        let account_uuid = account_id.as_uuid();
        let policy_uuid = id.as_uuid();
        let result = sqlx::query!(
            "update policies set version = ?1 where account_id = ?2 and id = ?3 and version = ?1 - 1",
            version.number,
            account_uuid,
            policy_uuid
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        if result.rows_affected() > 0 {
            return self.insert_version(account_id, id, version).await;
        }
        let found =
            sqlx::query!("select version from policies where account_id = ? and id = ?", account_uuid, policy_uuid)
                .fetch_optional(self.connection())
                .await
                .map_err(storage_error)?;
        Err(if found.is_some() { StorageError::Stale } else { StorageError::NotFound })
    }

    async fn lock_policy(&mut self, account_id: AccountId, id: PolicyId) -> Result<Option<i64>, StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        // The transaction is the only one that writes.
        sqlx::query_scalar!("select version from policies where account_id = ? and id = ?", account_id, id)
            .fetch_optional(self.connection())
            .await
            .map_err(storage_error)
    }

    async fn rename_policy(&mut self, account_id: AccountId, id: PolicyId, name: &Name) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        let name = name.as_str();
        let result = sqlx::query!("update policies set name = ? where account_id = ? and id = ?", name, account_id, id)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        one_row(&result)
    }

    async fn delete_policy(&mut self, account_id: AccountId, id: PolicyId) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let id = id.as_uuid();
        // The grants first, as everywhere.
        sqlx::query!(
            r#"
            update grants set revision = revision + 1
            where account_id = ?1 and revoked_at is not null
                and id in (select grant_id from bindings where account_id = ?1 and policy_id = ?2)
            "#,
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        sqlx::query!(
            "update bindings set policy_id = null where account_id = ?1 and policy_id = ?2 and is_revoked",
            account_id,
            id
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        // Versions go with it.
        let result = sqlx::query!("delete from policies where account_id = ? and id = ?", account_id, id)
            .execute(self.connection())
            .await
            .map_err(|error| child_error(error, "bindings_policy_id_fkey"))?;
        one_row(&result)
    }
}

impl SqliteTransaction {
    async fn insert_version(
        &mut self,
        account_id: AccountId,
        id: PolicyId,
        version: &PolicyVersion,
    ) -> Result<(), StorageError> {
        let account_id = account_id.as_uuid();
        let policy_id = id.as_uuid();
        let created_at = version.created_at.timestamp_millis();
        sqlx::query!(
            r#"
            insert into policy_versions
                (account_id, policy_id, number, document, rolled_back_to, created_by, created_at)
            values (?, ?, ?, ?, ?, ?, ?)
            "#,
            account_id,
            policy_id,
            version.number,
            version.document,
            version.rolled_back_to,
            version.created_by,
            created_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }
}
