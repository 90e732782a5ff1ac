//! The file: one connection that writes, a few that read.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_storage::{Reads, StorageError, Store, Transaction};
use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::storage_error;
use crate::transaction::SqliteTransaction;

/// Connections that read. More do not help: reads are short, and each connection is a thread.
const READERS: u32 = 4;

/// How long a statement waits for another process that holds the file, such as a backup.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// How long a caller waits for its turn.
const TURN: Duration = Duration::from_secs(30);

/// Everything in one SQLite file. Cheap to clone.
///
/// There is one connection that writes. Transactions and batches of decisions take turns on it, in
/// the order in which they asked, so that none of them ever finds the file locked by a neighbour.
/// Reads go on meanwhile on connections of their own and see what was committed before.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the file cannot be opened; [`StorageError::Other`] when it is no
    /// database, or was written by a newer version.
    pub async fn open(path: &Path) -> Result<Self, StorageError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .journal_mode(SqliteJournalMode::Wal)
            // A committed decision survives a power cut, not only a crash of the process.
            .synchronous(SqliteSynchronous::Full)
            // Keys and addresses that were removed are overwritten, not only forgotten.
            .pragma("secure_delete", "on");
        let writer = pool(1).connect_with(options.clone()).await.map_err(storage_error)?;
        sqlx::migrate!().run(&writer).await.map_err(migrate_error)?;
        let readers = pool(READERS).connect_with(options.pragma("query_only", "on")).await.map_err(storage_error)?;
        Ok(Self { writer, readers })
    }

    /// Opens a file that another process may be writing to, for nothing but reading. It is neither made nor migrated;
    /// a transaction that writes fails.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the file cannot be opened.
    pub async fn open_to_read(path: &Path) -> Result<Self, StorageError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .busy_timeout(BUSY)
            .pragma("query_only", "on");
        let readers = pool(1).connect_with(options).await.map_err(storage_error)?;
        Ok(Self { writer: readers.clone(), readers })
    }

    /// Waits for transactions that are open, then closes the file; later calls are
    /// [`StorageError::Unavailable`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Begins a transaction in which other processes cannot write either.
    pub(crate) async fn begin_write(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StorageError> {
        self.writer.begin_with("begin immediate").await.map_err(storage_error)
    }
}

fn migrate_error(error: MigrateError) -> StorageError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => storage_error(error),
        _ => StorageError::Other(error.into()),
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        // Kept for good: a connection is cheap to hold, and its prepared statements and pages are worth keeping.
        .min_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(TURN)
}

impl Reads for SqliteStore {}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError> {
        Ok(Box::new(SqliteTransaction::new(self.begin_write().await?)))
    }

    async fn clock(&self) -> Result<DateTime<Utc>, StorageError> {
        let now = sqlx::query_scalar!(r#"select cast(unixepoch('subsec') * 1000 as integer) as "ms!: i64""#);
        let ms = now.fetch_one(&self.readers).await.map_err(storage_error)?;
        Ok(DateTime::from_timestamp_millis(ms).unwrap_or_default())
    }

    async fn ping(&self) -> Result<(), StorageError> {
        // A read of the schema: touches the file, which a constant would not.
        sqlx::query!("select count(*) as tables from sqlite_schema")
            .fetch_one(&self.readers)
            .await
            .map(drop)
            .map_err(storage_error)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;

    async fn pragma(pool: &SqlitePool, name: &str) -> String {
        // As text, whatever type the setting has.
        let sql = format!("select cast({name} as text) from pragma_{name}");
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.expect("a setting")
    }

    #[tokio::test]
    async fn store_opened_syncs_every_commit_and_checks_references() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
        let full = "2";
        for (name, expected) in [("journal_mode", "wal"), ("synchronous", full), ("foreign_keys", "1")] {
            assert_eq!(pragma(&store.writer, name).await, expected, "{name}");
        }
        assert_eq!(store.writer.options().get_max_connections(), 1);
    }

    #[tokio::test]
    async fn reader_that_writes_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
        let error = sqlx::query("delete from users").execute(&store.readers).await.expect_err("a reader");
        assert!(error.to_string().contains("readonly"), "{error}");
    }
}
