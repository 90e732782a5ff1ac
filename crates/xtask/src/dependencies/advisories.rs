//! Known weaknesses of other people's crates, judged without the network: `deny-advisories.toml` holds what the RustSec
//! advisory database says about every crate of `Cargo.lock`, and the locked versions are compared with it.
//!
//! Whoever adds a crate has it looked up: `cargo xtask dependencies --advisories DIR`, with a checkout of
//! <https://github.com/rustsec/advisory-db> in `DIR`, writes the file again.

mod database;
mod judge;
mod lock;
mod range;
mod snapshot;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;

pub(super) use self::judge::Verdict;
use self::snapshot::Snapshot;

/// Judges the lock file of the repository at `root`.
///
/// # Errors
/// When the lock file or the snapshot cannot be read.
pub(super) fn check(root: &Path, today: NaiveDate) -> anyhow::Result<Verdict> {
    let locked = lock::read(&root.join("Cargo.lock"))?;
    let snapshot = Snapshot::read(&path(root))?;
    Ok(judge::judge(&locked, &snapshot, today))
}

/// Writes the snapshot of the repository at `root` again, from a checkout of the advisory database; exceptions stay.
///
/// # Errors
/// When something cannot be read, or not be written.
pub(super) fn refresh(root: &Path, database: &Path) -> anyhow::Result<()> {
    let names: BTreeSet<String> =
        lock::read(&root.join("Cargo.lock"))?.into_iter().map(|package| package.name).collect();
    let path = path(root);
    let exceptions = if path.exists() { Snapshot::read(&path)?.exceptions } else { Vec::new() };
    let snapshot = Snapshot {
        read: database::date(database)?,
        advisories: database::advisories(database, &names)?,
        looked_up: names,
        exceptions,
    };
    fs::write(&path, snapshot.to_text()?).with_context(|| format!("cannot write {}", path.display()))?;
    let (crates, advisories) = (snapshot.looked_up.len(), snapshot.advisories.len());
    eprintln!("    {advisories} advisories on {crates} crates, as of {}", snapshot.read);
    Ok(())
}

fn path(root: &Path) -> PathBuf {
    root.join("deny-advisories.toml")
}
