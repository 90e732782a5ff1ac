//! Idempotency keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_storage::{Claim, IdempotencyKey, StorageError, WriteIdempotencyKeys};

use crate::error::{parent_error, storage_error};
use crate::row::Place;
use crate::transaction::PgTransaction;
use crate::within::Within as _;

#[async_trait]
impl WriteIdempotencyKeys for PgTransaction {
    async fn claim_idempotency_key(
        &mut self,
        key: &IdempotencyKey,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Claim, StorageError> {
        let account_id = key.account_id.as_uuid();
        let (key_hash, request_hash) = (key.key_hash.as_slice(), key.request_hash.as_slice());
        let (now, expires_at) = (now.timestamp_millis(), expires_at.timestamp_millis());
        sqlx::query!("delete from idempotency_keys where account_id = $1 and expires_at <= $2", account_id, now)
            .execute(&mut *self.inner)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        let inserted = sqlx::query!(
            r#"
            insert into idempotency_keys (account_id, caller, key_hash, request_hash, expires_at)
            values ($1, $2, $3, $4, $5)
            on conflict (account_id, caller, key_hash) do nothing
            "#,
            account_id,
            key.caller,
            key_hash,
            request_hash,
            expires_at
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(parent_error)?;
        if inserted.rows_affected() > 0 {
            return Ok(Claim::Fresh);
        }
        let row = sqlx::query!(
            "select request_hash, answer from idempotency_keys where account_id = $1 and caller = $2 and key_hash = $3",
            account_id,
            key.caller,
            key_hash
        )
        .fetch_one(&mut *self.inner)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        let stored = Place::new("idempotency_keys", key.account_id).hash("request_hash", &row.request_hash)?;
        if stored != key.request_hash {
            return Ok(Claim::OtherRequest);
        }
        Ok(row.answer.map_or(Claim::Pending, Claim::Answered))
    }

    async fn answer_idempotency_key(&mut self, key: &IdempotencyKey, answer: &[u8]) -> Result<(), StorageError> {
        let account_id = key.account_id.as_uuid();
        let key_hash = key.key_hash.as_slice();
        sqlx::query!(
            "update idempotency_keys set answer = $1 where account_id = $2 and caller = $3 and key_hash = $4",
            answer,
            account_id,
            key.caller,
            key_hash
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn release_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<(), StorageError> {
        let account_id = key.account_id.as_uuid();
        let key_hash = key.key_hash.as_slice();
        sqlx::query!(
            r#"
            delete from idempotency_keys
            where account_id = $1 and caller = $2 and key_hash = $3 and answer is null
            "#,
            account_id,
            key.caller,
            key_hash
        )
        .execute(&mut *self.inner)
        .within(self.patience)
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
