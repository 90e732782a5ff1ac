//! `cargo xtask sqlx`: what the compiler knows of the SQL, written again.
//!
//! Statements are checked against a database when they are compiled. So that a build needs none, the answers of such a
//! database are kept beside each backend's crate in `.sqlx`, one file a statement. This task makes a database of each
//! kind, gives it the tables, and lets the compiler ask it.

#[cfg(feature = "sqlx")]
mod database;
// The tests' own way to a server, of which xtask may not depend on the crate.
#[cfg(feature = "sqlx")]
#[path = "../../testkit/src/postgres/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{cargo, paths};

/// A crate with statements.
struct Backend {
    /// Its directory, below the root.
    directory: &'static str,
    package: &'static str,
    /// Where its `sqlx.toml` says that the database stands.
    variable: &'static str,
    /// Its migrations, below the root.
    migrations: &'static str,
    kind: Kind,
}

/// A kind of database.
#[derive(Clone, Copy)]
enum Kind {
    Sqlite,
    Postgres,
}

const BACKENDS: [Backend; 2] = [
    Backend {
        directory: "crates/storage-sqlite",
        package: "ostiary-storage-sqlite",
        variable: "OSTIARY_SQLITE_URL",
        migrations: "migrations/sqlite",
        kind: Kind::Sqlite,
    },
    Backend {
        directory: "crates/storage-pg",
        package: "ostiary-storage-pg",
        variable: "OSTIARY_PG_URL",
        migrations: "migrations/postgres",
        kind: Kind::Postgres,
    },
];

/// Writes the committed answers again.
///
/// # Errors
/// Migrations that fail, and statements that do not fit the tables; the compiler's words are then shown.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    if !cfg!(feature = "sqlx") {
        return again_with_sqlx();
    }
    BACKENDS.iter().try_for_each(write)
}

fn write(backend: &Backend) -> anyhow::Result<()> {
    let written = read(&ask(backend)?)?;
    let committed = backend.committed();
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
    let answers = || BACKENDS.iter().map(|backend| read(&backend.committed())).collect::<anyhow::Result<Vec<_>>>();
    let before = answers()?;
    run(&[])?;
    for (backend, (before, after)) in BACKENDS.iter().zip(before.into_iter().zip(answers()?)) {
        if before != after {
            bail!("{} was stale; commit what has just been written", backend.committed().display());
        }
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
fn ask(backend: &Backend) -> anyhow::Result<PathBuf> {
    let work = paths::own().join("sqlx").join(backend.package);
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    let answers = work.join("answers");
    fs::create_dir_all(&answers)?;
    let database = Database::make(backend, &work)?;
    // The compiler is run again although no source has changed: an argument of its own is new with every run, and
    // reaches only this crate.
    let nonce = format!("metadata=sqlx-{}", std::process::id());
    let arguments =
        ["rustc", "--quiet", "--package", backend.package, "--lib", "--profile", "check", "--", "-C", &nonce];
    let mut command: Command = cargo::command(&arguments);
    command.env(backend.variable, &database.url).env("SQLX_OFFLINE_DIR", &answers);
    command.env_remove("SQLX_OFFLINE");
    exec::run(&mut command, Show::OnFailure)?;
    Ok(answers)
}

impl Backend {
    fn committed(&self) -> PathBuf {
        paths::root().join(self.directory).join(".sqlx")
    }
}

/// A database with all tables, as long as this is held.
struct Database {
    url: String,
    #[cfg(feature = "sqlx")]
    _server: Option<server::SharedServer>,
}

#[cfg(feature = "sqlx")]
impl Database {
    fn make(backend: &Backend, work: &Path) -> anyhow::Result<Self> {
        let migrations = paths::root().join(backend.migrations);
        match backend.kind {
            Kind::Sqlite => {
                let path = work.join("check.db");
                database::create_file(&path, &migrations)?;
                Ok(Self { url: format!("sqlite:{}", path.display()), _server: None })
            }
            Kind::Postgres => {
                if !server::SharedServer::is_installed() {
                    crate::tools::postgres()?;
                }
                let server = server::SharedServer::join()?;
                let url = server.url("ostiary_sqlx");
                database::create_on_server(&server.url("postgres"), "ostiary_sqlx", &url, &migrations)?;
                Ok(Self { url, _server: Some(server) })
            }
        }
    }
}

#[cfg(not(feature = "sqlx"))]
impl Database {
    fn make(backend: &Backend, work: &Path) -> anyhow::Result<Self> {
        let kind = match backend.kind {
            Kind::Sqlite => "SQLite",
            Kind::Postgres => "PostgreSQL",
        };
        bail!("built without sqlx, which makes the {kind} database of {} in {}", backend.migrations, work.display())
    }
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
