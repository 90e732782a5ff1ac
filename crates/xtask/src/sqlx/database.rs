//! A database with all tables and no rows.

use std::path::Path;

use anyhow::Context as _;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

/// Makes the file at `path` and runs the migrations of a directory on it.
///
/// # Errors
/// A directory that cannot be read, and a migration that fails.
pub(super) fn create(path: &Path, migrations: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let migrator =
            Migrator::new(migrations).await.with_context(|| format!("cannot read {}", migrations.display()))?;
        let mut connection = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await?;
        migrator.run(&mut connection).await.context("a migration failed")?;
        connection.close().await?;
        Ok(())
    })
}
