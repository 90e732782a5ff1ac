//! Links that were sent to users.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{LinkPurpose, UserId};
use ostiary_storage::{StorageError, WriteLinks};
use uuid::Uuid;

use crate::error::{parent_error, storage_error};
use crate::transaction::SqliteTransaction;

#[async_trait]
impl WriteLinks for SqliteTransaction {
    async fn create_link(
        &mut self,
        user_id: UserId,
        purpose: LinkPurpose,
        hash: &[u8; 32],
        expires_at: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let user_id = user_id.as_uuid();
        let purpose = purpose.as_str();
        let hash = hash.as_slice();
        let expires_at = expires_at.timestamp_millis();
        sqlx::query!(
            r#"
            insert into links (user_id, purpose, hash, expires_at) values (?1, ?2, ?3, ?4)
            on conflict (user_id, purpose) do update set hash = excluded.hash, expires_at = excluded.expires_at
            "#,
            user_id,
            purpose,
            hash,
            expires_at
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(parent_error)
    }

    async fn take_link(
        &mut self,
        purpose: LinkPurpose,
        hash: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<UserId>, StorageError> {
        let purpose = purpose.as_str();
        let hash = hash.as_slice();
        let now = now.timestamp_millis();
        let user_id = sqlx::query_scalar!(
            r#"
            delete from links where hash = ?1 and purpose = ?2 and expires_at > ?3
            returning user_id as "user_id: Uuid"
            "#,
            hash,
            purpose,
            now
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)?;
        Ok(user_id.map(UserId::from_uuid))
    }
}
