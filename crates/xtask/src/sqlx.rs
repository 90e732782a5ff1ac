//! `cargo xtask sqlx`: what the compiler knows of the SQL, written again.
//!
//! Statements are checked against a database when they are compiled. So that a build needs none, the answers of such a
//! database are kept in `crates/storage-sqlite/.sqlx`, one file a statement. This task makes a database, gives it the
//! tables, and lets the compiler ask it.

#[cfg(feature = "sqlx")]
mod database;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{cargo, paths};

/// The crate with the statements, below the root.
const CRATE: &str = "crates/storage-sqlite";

/// Its package.
const PACKAGE: &str = "ostiary-storage-sqlite";

/// Where its `sqlx.toml` says that the database stands.
const DATABASE_URL: &str = "OSTIARY_SQLITE_URL";

/// The migrations, below the root.
const MIGRATIONS: &str = "migrations/sqlite";

/// Writes the committed answers again.
///
/// # Errors
/// Migrations that fail, and statements that do not fit the tables; the compiler's words are then shown.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    if !cfg!(feature = "sqlx") {
        return again_with_sqlx();
    }
    let written = read(&ask()?)?;
    let committed = committed();
    let kept = read(&committed)?;
    fs::create_dir_all(&committed)?;
    for name in kept.keys().filter(|name| !written.contains_key(*name)) {
        fs::remove_file(committed.join(name))?;
    }
    for (name, content) in written.iter().filter(|(name, content)| kept.get(*name) != Some(content)) {
        fs::write(committed.join(name), content)?;
    }
    eprintln!("    {} statements in {}", written.len(), committed.display());
    Ok(())
}

/// Checks that the committed answers are those of the statements as they are.
///
/// # Errors
/// As [`run`], and when a file is missing, stale or left over.
pub(crate) fn check() -> anyhow::Result<Tally> {
    let before = read(&committed())?;
    run(&[])?;
    if before != read(&committed())? {
        bail!("{} was stale; commit what has just been written", committed().display());
    }
    Ok(Tally::default())
}

/// Runs this task in a build that has sqlx: the other tasks do not wait for it to be compiled.
fn again_with_sqlx() -> anyhow::Result<()> {
    let mut command = cargo::command(&["run", "--quiet", "--package", "xtask", "--features", "sqlx", "--", "sqlx"]);
    exec::run(&mut command, Show::Stream)?;
    Ok(())
}

/// Compiles the statements against a fresh database; answers the directory with what it said.
fn ask() -> anyhow::Result<PathBuf> {
    let work = paths::own().join("sqlx");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    let answers = work.join("answers");
    fs::create_dir_all(&answers)?;
    let database = work.join("check.db");
    migrate(&database)?;
    // The compiler is run again although no source has changed: an argument of its own is new with every run, and
    // reaches only this crate.
    let nonce = format!("metadata=sqlx-{}", std::process::id());
    let mut command: Command =
        cargo::command(&["rustc", "--quiet", "--package", PACKAGE, "--lib", "--profile", "check", "--", "-C", &nonce]);
    command.env(DATABASE_URL, format!("sqlite:{}", database.display())).env("SQLX_OFFLINE_DIR", &answers);
    command.env_remove("SQLX_OFFLINE");
    exec::run(&mut command, Show::OnFailure)?;
    Ok(answers)
}

#[cfg(feature = "sqlx")]
fn migrate(database: &Path) -> anyhow::Result<()> {
    database::create(database, &paths::root().join(MIGRATIONS))
}

#[cfg(not(feature = "sqlx"))]
fn migrate(_database: &Path) -> anyhow::Result<()> {
    bail!("built without sqlx, which is needed to read {MIGRATIONS}")
}

fn committed() -> PathBuf {
    paths::root().join(CRATE).join(".sqlx")
}

/// The files of a directory by name; none when it is not there.
fn read(directory: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    if !directory.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(files)
}
