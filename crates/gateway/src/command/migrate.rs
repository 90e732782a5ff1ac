//! `ostiary migrate`: brings the database to the form that this version needs, or everything to another one.

mod secrets;
mod transfer;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use ostiary_storage_sqlite::SqliteStore;

use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::counting;
use crate::first_run::DataDir;

/// Arguments of `ostiary migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Move everything out of this database, such as `sqlite:data/ostiary.db`, which no process may be using
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Move it into this empty database, `postgres://…`; the one of the settings when not given
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

/// Migrates the database and ends. `ostiary serve` does the same at its start with a file; with PostgreSQL only when
/// it is told to.
///
/// # Errors
///
/// A database that is in use, cannot be opened, or was written by a newer version.
pub fn run(args: &MigrateArgs) -> anyhow::Result<ExitCode> {
    let mut given = args.settings.given();
    if let Some(to) = &args.to {
        given.flags.insert("database_url".to_owned(), to.clone());
    }
    let config = Config::read(&given)?;
    block_on(async {
        match &args.from {
            Some(from) => transfer::run(from, &config).await?,
            None if config.database_url.is_none() => return migrate_file(&config).await,
            None => {}
        }
        backend::migrate(&config).await?;
        println!("the PostgreSQL database is up to date");
        let carried = counting::carry(&config, args.from.is_some()).await?;
        if carried > 0 {
            println!("{carried} counters were carried to Redis");
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn migrate_file(config: &Config) -> anyhow::Result<()> {
    let data = DataDir::open(&config.data_dir)?;
    let path = data.database();
    let store = SqliteStore::open(&path).await.with_context(|| format!("cannot migrate {}", path.display()))?;
    store.close().await;
    println!("{} is up to date", path.display());
    Ok(())
}
