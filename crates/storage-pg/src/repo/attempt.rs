//! Attempts to prove who one is.

use async_trait::async_trait;
use ostiary_storage::{AttemptLimit, CountAttempts, StorageError};

use crate::error::storage_error;
use crate::store::PgStore;
use crate::within::Within as _;

#[async_trait]
impl CountAttempts for PgStore {
    async fn count_attempt(&self, key: &[u8; 32], limit: AttemptLimit, now_ms: i64) -> Result<u64, StorageError> {
        let key = key.as_slice();
        let tolerance = limit.tolerance_ms();
        let (first, latest) = (now_ms.saturating_add(limit.interval_ms), now_ms.saturating_add(tolerance));
        let counted = sqlx::query!(
            r#"
            insert into attempts (key, clear_at_ms) values ($1, $2)
            on conflict (key) do update set clear_at_ms = greatest(attempts.clear_at_ms + $3, $2)
            where attempts.clear_at_ms <= $4
            "#,
            key,
            first,
            limit.interval_ms,
            latest
        )
        .execute(&self.pool)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        if counted.rows_affected() > 0 {
            return Ok(0);
        }
        let clear_at = sqlx::query_scalar!("select clear_at_ms from attempts where key = $1", key)
            .fetch_optional(&self.pool)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        // At least one: it was refused, whatever was forgotten meanwhile.
        let wait = clear_at.map_or(1, |clear_at| clear_at.saturating_sub(now_ms).saturating_sub(tolerance));
        Ok(u64::try_from(wait).unwrap_or(1).max(1))
    }

    async fn take_back_attempt(&self, key: &[u8; 32], limit: AttemptLimit) -> Result<(), StorageError> {
        let key = key.as_slice();
        sqlx::query!("update attempts set clear_at_ms = clear_at_ms - $1 where key = $2", limit.interval_ms, key)
            .execute(&self.pool)
            .within(self.patience)
            .await
            .map(drop)
            .map_err(storage_error)
    }

    async fn sweep_attempts(&self, now_ms: i64) -> Result<u64, StorageError> {
        sqlx::query!("delete from attempts where clear_at_ms <= $1", now_ms)
            .execute(&self.pool)
            .within(self.patience)
            .await
            .map(|result| result.rows_affected())
            .map_err(storage_error)
    }
}
