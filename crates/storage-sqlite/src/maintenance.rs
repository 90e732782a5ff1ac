//! Decisions past their retention, removed a few at a time.

use chrono::{DateTime, Utc};
use ostiary_storage::StorageError;

use crate::error::storage_error;
use crate::store::SqliteStore;

/// Records in one transaction: so many hold up a call by a few milliseconds.
const BATCH: i64 = 500;

impl SqliteStore {
    /// Removes some decisions from before a time, in the order in which they were written; answers how many, and none
    /// when no more are left.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub async fn remove_decisions_before(&self, time: DateTime<Utc>) -> Result<u64, StorageError> {
        let before = time.timestamp_millis();
        let mut tx = self.begin_write().await?;
        let removed = sqlx::query!(
            // By the order of writing, which needs no index: one by time would have to be paid for with every call.
            "delete from decisions
             where rowid in (select rowid from decisions order by rowid limit ?) and time < ?",
            BATCH,
            before
        )
        .execute(&mut *tx)
        .await
        .map_err(storage_error)?
        .rows_affected();
        tx.commit().await.map_err(storage_error)?;
        Ok(removed)
    }
}
