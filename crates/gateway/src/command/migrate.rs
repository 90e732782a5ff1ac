//! `ostiary migrate`: brings the database to the form that this version needs.

use std::process::ExitCode;

use anyhow::Context as _;
use ostiary_storage_sqlite::SqliteStore;

use crate::backend;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::first_run::DataDir;

/// Migrates the database and ends. `ostiary serve` does the same at its start with a file; with PostgreSQL only when
/// it is told to.
///
/// # Errors
///
/// A database that is in use, cannot be opened, or was written by a newer version.
pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    if config.database_url.is_some() {
        block_on(backend::migrate(config))?;
        println!("the PostgreSQL database is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    let data = DataDir::open(&config.data_dir)?;
    block_on(async {
        let path = data.database();
        let store = SqliteStore::open(&path).await.with_context(|| format!("cannot migrate {}", path.display()))?;
        store.close().await;
        println!("{} is up to date", path.display());
        Ok(ExitCode::SUCCESS)
    })
}
