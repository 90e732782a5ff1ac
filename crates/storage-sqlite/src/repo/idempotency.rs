//! Idempotency keys.

use async_trait::async_trait;
use ostiary_storage::{Claim, ClaimTimes, ClaimedKey, IdempotencyKey, StorageError, WriteIdempotencyKeys};

use crate::error::{parent_error, storage_error};
use crate::row::Place;
use crate::transaction::SqliteTransaction;

#[async_trait]
impl WriteIdempotencyKeys for SqliteTransaction {
    async fn claim_idempotency_key(&mut self, key: &IdempotencyKey, times: ClaimTimes) -> Result<Claim, StorageError> {
        let account_id = key.account_id.as_uuid();
        let (key_hash, request_hash) = (key.key_hash.as_slice(), key.request_hash.as_slice());
        let (now, gone_since) = (times.now.timestamp_millis(), times.gone_since.timestamp_millis());
        let expires_at = times.expires_at.timestamp_millis();
        sqlx::query!("delete from idempotency_keys where account_id = ? and expires_at <= ?", account_id, now)
            .execute(self.connection())
            .await
            .map_err(storage_error)?;
        let inserted = sqlx::query!(
            r#"
            insert into idempotency_keys
                (account_id, caller, key_hash, request_hash, expires_at, claim, claimed_at, state)
            values (?, ?, ?, ?, ?, 1, ?, 'begun')
            on conflict (account_id, caller, key_hash) do nothing
            "#,
            account_id,
            key.caller,
            key_hash,
            request_hash,
            expires_at,
            now
        )
        .execute(self.connection())
        .await
        .map_err(parent_error)?;
        if inserted.rows_affected() > 0 {
            return Ok(Claim::Fresh(1));
        }
        let taken_over = sqlx::query_scalar!(
            r#"
            update idempotency_keys set claim = claim + 1, claimed_at = ?, expires_at = ?
            where
                account_id = ? and caller = ? and key_hash = ? and request_hash = ?
                and answer is null and state = 'begun' and claimed_at <= ?
            returning claim
            "#,
            now,
            expires_at,
            account_id,
            key.caller,
            key_hash,
            request_hash,
            gone_since
        )
        .fetch_optional(self.connection())
        .await
        .map_err(storage_error)?;
        if let Some(number) = taken_over {
            return Ok(Claim::Fresh(number));
        }
        let row = sqlx::query!(
            r#"
            select request_hash, answer, state, claimed_at from idempotency_keys
            where account_id = ? and caller = ? and key_hash = ?
            "#,
            account_id,
            key.caller,
            key_hash
        )
        .fetch_one(self.connection())
        .await
        .map_err(storage_error)?;
        let stored = Place::new("idempotency_keys", key.account_id).hash("request_hash", &row.request_hash)?;
        if stored != key.request_hash {
            return Ok(Claim::OtherRequest);
        }
        let is_over = row.state == "written" && row.claimed_at <= gone_since;
        Ok(match row.answer {
            Some(answer) => Claim::Answered(answer),
            None if is_over => Claim::Written,
            None => Claim::Pending,
        })
    }

    async fn mark_idempotency_key(&mut self, claimed: &ClaimedKey) -> Result<(), StorageError> {
        let ClaimedKey { key, number } = claimed;
        let account_id = key.account_id.as_uuid();
        let key_hash = key.key_hash.as_slice();
        let marked = sqlx::query!(
            r#"
            update idempotency_keys set state = 'written'
            where account_id = ? and caller = ? and key_hash = ? and claim = ? and answer is null
            "#,
            account_id,
            key.caller,
            key_hash,
            number
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        if marked.rows_affected() == 0 { Err(StorageError::Stale) } else { Ok(()) }
    }

    async fn answer_idempotency_key(&mut self, claimed: &ClaimedKey, answer: &[u8]) -> Result<(), StorageError> {
        let ClaimedKey { key, number } = claimed;
        let account_id = key.account_id.as_uuid();
        let key_hash = key.key_hash.as_slice();
        sqlx::query!(
            r#"
            update idempotency_keys set answer = ?
            where account_id = ? and caller = ? and key_hash = ? and claim = ?
            "#,
            answer,
            account_id,
            key.caller,
            key_hash,
            number
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(storage_error)
    }

    async fn release_idempotency_key(&mut self, claimed: &ClaimedKey) -> Result<(), StorageError> {
        let ClaimedKey { key, number } = claimed;
        let account_id = key.account_id.as_uuid();
        let key_hash = key.key_hash.as_slice();
        sqlx::query!(
            r#"
            delete from idempotency_keys
            where account_id = ? and caller = ? and key_hash = ? and claim = ? and answer is null and state = 'begun'
            "#,
            account_id,
            key.caller,
            key_hash,
            number
        )
        .execute(self.connection())
        .await
        .map_err(storage_error)?;
        sqlx::query!(
            r#"
            update idempotency_keys set claimed_at = 0
            where account_id = ? and caller = ? and key_hash = ? and claim = ? and answer is null
            "#,
            account_id,
            key.caller,
            key_hash,
            number
        )
        .execute(self.connection())
        .await
        .map(drop)
        .map_err(storage_error)
    }
}
