//! Writes that happen together or not at all.

use async_trait::async_trait;
use ostiary_storage::{StorageError, Trail, Transaction};
use sqlx::SqliteConnection;

use crate::error::storage_error;

/// The turn of one caller on the connection that writes; dropping it undoes its writes.
pub struct SqliteTransaction(sqlx::Transaction<'static, sqlx::Sqlite>);

impl SqliteTransaction {
    pub(crate) const fn new(inner: sqlx::Transaction<'static, sqlx::Sqlite>) -> Self {
        Self(inner)
    }

    /// Where the statements of this transaction run.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }
}

impl std::fmt::Debug for SqliteTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteTransaction").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    async fn commit(mut self: Box<Self>, trail: Trail) -> Result<(), StorageError> {
        for entry in trail.into_entries() {
            self.append_audit_entry(entry).await?;
        }
        self.0.commit().await.map_err(storage_error)
    }
}

/// One row was written, or it is not there.
pub(crate) fn one_row(result: &sqlx::sqlite::SqliteQueryResult) -> Result<(), StorageError> {
    if result.rows_affected() == 0 { Err(StorageError::NotFound) } else { Ok(()) }
}
