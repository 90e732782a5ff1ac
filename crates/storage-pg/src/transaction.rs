//! Writes that happen together or not at all.

use std::time::Duration;

use async_trait::async_trait;
use ostiary_storage::{StorageError, Trail, Transaction};

use crate::error::storage_error;
use crate::within::Within as _;

/// Writes on a connection of their own; dropping it undoes them.
pub struct PgTransaction {
    /// Where the statements run.
    pub(crate) inner: sqlx::Transaction<'static, sqlx::Postgres>,
    /// How long each of them may take.
    pub(crate) patience: Duration,
}

impl PgTransaction {
    pub(crate) const fn new(inner: sqlx::Transaction<'static, sqlx::Postgres>, patience: Duration) -> Self {
        Self { inner, patience }
    }
}

impl std::fmt::Debug for PgTransaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgTransaction").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transaction for PgTransaction {
    async fn commit(mut self: Box<Self>, trail: Trail) -> Result<(), StorageError> {
        for entry in trail.into_entries() {
            self.append_audit_entry(entry).await?;
        }
        self.inner.commit().within(self.patience).await.map_err(storage_error)
    }
}

/// One row was written, or it is not there.
pub(crate) fn one_row(result: &sqlx::postgres::PgQueryResult) -> Result<(), StorageError> {
    if result.rows_affected() == 0 { Err(StorageError::NotFound) } else { Ok(()) }
}
