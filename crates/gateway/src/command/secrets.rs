//! `ostiary secrets`: everything that is sealed, sealed again with another key while it is in use.
//!
//! Two keys are known meanwhile: one seals, and both open what they have sealed. A value is exchanged where it stands, if
//! it is still what was read, so that nothing that is written meanwhile is lost; what is done already is not done again.

mod exchange;
mod key_files;

use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};

pub use self::exchange::{Count, count, rotate};
use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::first_run::{DataDir, Keys};

/// Arguments of `ostiary secrets`.
#[derive(Debug, Args)]
pub struct SecretsArgs {
    #[command(subcommand)]
    command: SecretsCommand,
}

#[derive(Debug, Subcommand)]
enum SecretsCommand {
    /// Put a new key into the data directory, beside the one that is there. It is in use after a restart.
    NewKey(Settings),
    /// Seal everything with the key in use that another one sealed.
    Rotate(Settings),
    /// Count what is sealed with which key.
    Status(Settings),
    /// Remove the other key from the data directory, once nothing is sealed with it.
    Forget(Settings),
}

/// Does what the command line says, beside the processes that serve.
///
/// # Errors
///
/// A key that is missing, a database that cannot be used, or values that no key opens.
pub fn run(args: &SecretsArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        SecretsCommand::NewKey(settings) => {
            key_files::make(&Config::read(&settings.given())?)?;
            println!("there is a new key; restart ostiary, then run `ostiary secrets rotate`");
        }
        SecretsCommand::Rotate(settings) => {
            let config = Config::read(&settings.given())?;
            let count = block_on(rotate_beside(&config))?;
            println!("{count}");
            ensure!(count.unknown == 0, "{} values cannot be opened with any key that is known", count.unknown);
        }
        SecretsCommand::Status(settings) => {
            let config = Config::read(&settings.given())?;
            println!("{}", block_on(status(&config))?);
        }
        SecretsCommand::Forget(settings) => {
            let config = Config::read(&settings.given())?;
            let count = block_on(status(&config))?;
            if count.other > 0 {
                bail!("{count}; run `ostiary secrets rotate` first");
            }
            key_files::forget(&config)?;
            println!("the other key is gone; cookies and sessions that it signed end with the next restart");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Exchanges everything, in turn with the processes that serve.
///
/// # Errors
///
/// As [`run`]; a process that serves and does not have the key.
pub async fn rotate_beside(config: &Config) -> anyhow::Result<Count> {
    let keys = Keys::read(config)?;
    ensure!(
        keys.other.is_some(),
        "there is one key only: nothing to exchange; `ostiary secrets new-key` makes another"
    );
    let is_held = config.database_url.is_none() && DataDir::is_held_without(&config.data_dir, &keys.current)?;
    ensure!(!is_held, "the process that serves was started before there was the new key; restart it first");
    let store = backend::open_beside(config).await?;
    rotate(&*store, &keys).await.context("not everything was exchanged; run it again")
}

async fn status(config: &Config) -> anyhow::Result<Count> {
    let store = backend::open_to_read(config).await?;
    count(&*store, &Keys::read(config)?).await
}
