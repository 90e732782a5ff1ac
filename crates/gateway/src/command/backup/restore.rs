//! `ostiary restore`: a data directory from a backup.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use ostiary_storage_sqlite::copy;

use super::manifest::Manifest;
use super::refuse_postgres;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::first_run::{DataDir, write_private};

/// Arguments of `ostiary restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The directory that `ostiary backup` wrote
    directory: PathBuf,
    /// Put it in the place of the data that is there, which stays beside it as `*.replaced`
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Puts a backup in its place, while nothing serves it.
///
/// # Errors
///
/// A backup that is not whole, data that is there already, or a process that serves it.
pub fn run(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.settings.given())?;
    refuse_postgres(&config)?;
    let manifest = Manifest::read(&args.directory)?;
    let from = DataDir::database_in(&args.directory);
    let state = block_on(async { Ok(copy::examine(&from).await?) }).context("the backup cannot be read")?;
    if !state.is_whole {
        bail!("the database of the backup is damaged");
    }
    if state.ahead > 0 {
        bail!("the backup was written by a newer version");
    }
    // Held from here on: nothing serves it meanwhile.
    let data = DataDir::open(&config.data_dir)?;
    let has_key = manifest.has(DataDir::KEY_FILE);
    let mut replaced = vec![data.database()];
    if has_key {
        replaced.push(data.path().join(DataDir::KEY_FILE));
    }
    if !args.replace && replaced.iter().any(|path| path.exists()) {
        bail!("there is data in {} already; --replace puts the backup in its place", data.path().display());
    }
    put_aside(&data, &replaced)?;
    // The key first: a database without the key it was sealed with would be given a new one.
    if has_key {
        let text = zeroize::Zeroizing::new(fs::read(args.directory.join(DataDir::KEY_FILE))?);
        write_private(&data.path().join(DataDir::KEY_FILE), &text).context("cannot write the secret key")?;
    }
    put(&from, &data.database())?;
    println!("restored {} as it was on {}", data.path().display(), manifest.made_at.to_rfc3339());
    if !has_key && config.secret_key.is_none() && !data.path().join(DataDir::KEY_FILE).exists() {
        println!("there is no secret key: set OSTIARY_SECRET_KEY to the one of the backup before it is served");
    }
    Ok(ExitCode::SUCCESS)
}

/// Moves what is there out of the way, the write-ahead log of the old database included: it must not be applied to
/// another one.
fn put_aside(data: &DataDir, replaced: &[PathBuf]) -> anyhow::Result<()> {
    let database = data.database();
    let logs = ["-wal", "-shm"].map(|suffix| with_suffix(&database, suffix));
    for path in replaced.iter().chain(&logs).filter(|path| path.exists()) {
        let aside = with_suffix(path, ".replaced");
        fs::rename(path, &aside).with_context(|| format!("cannot move {} aside", path.display()))?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Copies a file whole or not at all, and durably.
fn put(from: &Path, to: &Path) -> anyhow::Result<()> {
    let draft = with_suffix(to, ".partial");
    fs::copy(from, &draft).with_context(|| format!("cannot write {}", draft.display()))?;
    fs::File::options()
        .write(true)
        .open(&draft)
        .and_then(|file| file.sync_all())
        .context("cannot write to the disk")?;
    fs::rename(&draft, to).with_context(|| format!("cannot write {}", to.display()))
}
