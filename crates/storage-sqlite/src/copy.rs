//! A whole copy of the file, made while others go on writing to it.

use std::path::Path;

use ostiary_storage::StorageError;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::error::storage_error;
use crate::store::BUSY;

static MIGRATOR: Migrator = sqlx::migrate!();

async fn open(path: &Path) -> Result<SqliteConnection, StorageError> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(BUSY);
    options.connect().await.map_err(storage_error)
}

/// Copies the file as it is at one moment; nobody is held up meanwhile, neither readers nor writers.
///
/// # Errors
///
/// A file that cannot be read, or a copy that cannot be made: there must be none yet.
pub async fn copy(from: &Path, to: &Path) -> Result<(), StorageError> {
    let Some(to) = to.to_str() else {
        return Err(StorageError::Other("the path of the copy is not UTF-8".into()));
    };
    let mut connection = open(from).await?;
    sqlx::query("vacuum into ?").bind(to).execute(&mut connection).await.map_err(storage_error)?;
    connection.close().await.map_err(storage_error)
}

/// What state a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Migrations of this version that it lacks.
    pub behind: usize,
    /// Migrations of a newer version that it has.
    pub ahead: usize,
    /// Whether its pages, indexes and references are whole.
    pub is_whole: bool,
}

/// Looks at a file without changing it.
///
/// # Errors
///
/// A file that is not there, cannot be read, or is no database of ours.
pub async fn examine(path: &Path) -> Result<FileState, StorageError> {
    let mut connection = open(path).await?;
    let applied: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations where success")
        .fetch_all(&mut connection)
        .await
        .map_err(storage_error)?;
    let said: Vec<String> =
        sqlx::query_scalar("pragma quick_check").fetch_all(&mut connection).await.map_err(storage_error)?;
    let dangling = sqlx::query("pragma foreign_key_check").fetch_all(&mut connection).await.map_err(storage_error)?;
    connection.close().await.map_err(storage_error)?;
    let known: Vec<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
    Ok(FileState {
        behind: known.iter().filter(|version| !applied.contains(version)).count(),
        ahead: applied.iter().filter(|version| !known.contains(version)).count(),
        is_whole: said == ["ok"] && dangling.is_empty(),
    })
}
