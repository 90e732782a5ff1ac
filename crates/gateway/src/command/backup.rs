//! `ostiary backup` and `ostiary restore`: the data directory, whole, as it is at one moment.

mod manifest;
mod restore;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use ostiary_model::{Clock as _, SystemClock};
use ostiary_storage_sqlite::copy;

use self::manifest::Manifest;
pub use self::restore::{RestoreArgs, run as restore};
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::first_run::{DataDir, make_private, write_private};

/// Arguments of `ostiary backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where to write it: a directory that is not there yet
    directory: PathBuf,
    /// Leave the secret key out: without it, stored credentials cannot be opened again
    #[arg(long)]
    without_key: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Writes a backup of the data directory, beside the process that serves it.
///
/// # Errors
///
/// No data to be copied, a directory that is there already, or one that cannot be written.
pub fn run(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.settings.given())?;
    refuse_postgres(&config)?;
    if args.directory.exists() {
        bail!("{} is there already; name a directory that is not", args.directory.display());
    }
    // Whole or not at all: written beside its place first, then moved there.
    let draft = draft_of(&args.directory)?;
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
    }
    make_private(&draft).with_context(|| format!("cannot make {}", draft.display()))?;
    let written = block_on(write(&config, &draft, args.without_key));
    if let Err(error) = written {
        // What was written is of no use; why it failed matters more than whether it goes away.
        let _ = fs::remove_dir_all(&draft);
        return Err(error);
    }
    fs::rename(&draft, &args.directory).with_context(|| format!("cannot make {}", args.directory.display()))?;
    println!("wrote {}", args.directory.display());
    if args.without_key {
        println!("the secret key is not in it: keep that elsewhere, stored credentials cannot be opened without it");
    } else if config.secret_key.is_some() {
        println!("the secret key is configured and not in it: keep that elsewhere");
    } else {
        println!("the secret key is in it: whoever has this directory can open stored credentials");
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(config: &Config, draft: &Path, without_key: bool) -> anyhow::Result<()> {
    let from = DataDir::database_in(&config.data_dir);
    let to = DataDir::database_in(draft);
    copy::copy(&from, &to).await.with_context(|| format!("cannot copy {}", from.display()))?;
    let state = copy::examine(&to).await.context("the copy cannot be read")?;
    if !state.is_whole {
        bail!("{} is damaged, and so is its copy", from.display());
    }
    if config.data_dir.join(DataDir::OTHER_KEY_FILE).exists() {
        bail!(
            "the secret key is being exchanged; finish that first: `ostiary secrets rotate`, `ostiary secrets forget`"
        );
    }
    let mut names = vec![DataDir::DATABASE_FILE];
    let key = config.data_dir.join(DataDir::KEY_FILE);
    if !without_key && config.secret_key.is_none() && key.exists() {
        let text = zeroize::Zeroizing::new(fs::read(&key).with_context(|| format!("cannot read {}", key.display()))?);
        write_private(&draft.join(DataDir::KEY_FILE), &text).context("cannot write the secret key")?;
        names.push(DataDir::KEY_FILE);
    }
    Manifest::of(draft, &names, SystemClock.now())?.write(draft)
}

fn draft_of(directory: &Path) -> anyhow::Result<PathBuf> {
    let mut name = directory.file_name().context("name a directory to write")?.to_owned();
    name.push(".partial");
    Ok(directory.with_file_name(name))
}

fn refuse_postgres(config: &Config) -> anyhow::Result<()> {
    if config.database_url.is_some() {
        bail!("this is for the data directory; back a PostgreSQL database up with its own tools, such as pg_dump");
    }
    Ok(())
}
