//! Databases with all tables and no rows.

use std::path::Path;

use anyhow::Context as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

/// Makes the file at `path` and runs the migrations of a directory on it.
///
/// # Errors
/// A directory that cannot be read, and a migration that fails.
pub(super) fn create_file(path: &Path, migrations: &Path) -> anyhow::Result<()> {
    block_on(async {
        let migrator = read(migrations).await?;
        let mut connection = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await?;
        migrator.run(&mut connection).await.context("a migration failed")?;
        connection.close().await?;
        Ok(())
    })
}

/// Makes the database `name` anew, which is at `url` on the server of `admin`, and runs the migrations of a directory
/// on it.
///
/// # Errors
/// As [`create_file`], and a server that cannot be reached.
pub(super) fn create_on_server(admin: &str, name: &str, url: &str, migrations: &Path) -> anyhow::Result<()> {
    block_on(async {
        let migrator = read(migrations).await?;
        let mut server = PgConnection::connect(admin).await.context("cannot reach the server")?;
        for sql in [format!("drop database if exists {name} with (force)"), format!("create database {name}")] {
            server.execute(AssertSqlSafe(sql)).await?;
        }
        server.close().await?;
        let mut connection = PgConnection::connect(url).await?;
        migrator.run(&mut connection).await.context("a migration failed")?;
        connection.close().await?;
        Ok(())
    })
}

async fn read(migrations: &Path) -> anyhow::Result<Migrator> {
    Migrator::new(migrations).await.with_context(|| format!("cannot read {}", migrations.display()))
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
