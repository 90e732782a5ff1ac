//! Everything out of a file into an empty PostgreSQL database, all of it or nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use chrono::DateTime;
use ostiary_auth::{Keyring, SecretKey};
use ostiary_storage::transfer::TableForm;
use ostiary_storage_pg::{HoldKind, PgImport, PgStore};
use ostiary_storage_sqlite::{SqliteExport, SqliteStore};

use super::secrets;
use crate::backend;
use crate::config::Config;
use crate::first_run::DataDir;

/// Moves everything: opens every secret of the source first, then copies the tables in one transaction, reads each back,
/// and commits when all are the same.
///
/// # Errors
///
/// What keeps it from being moved; the target is as it was then, but for its tables.
pub(super) async fn run(from: &str, config: &Config) -> anyhow::Result<()> {
    let path = source(from)?;
    // As long as it is read, nobody serves it.
    let data = DataDir::open(path.parent().unwrap_or(Path::new(".")))?;
    let key = key(&data, config)?;
    let source = SqliteStore::open(&path).await.with_context(|| format!("cannot read {}", path.display()))?;
    backend::migrate(config).await?;
    let target = backend::connect(config).await?;
    let Ok(_hold) = target.hold(HoldKind::Sole).await.context("cannot take hold of the target")? else {
        bail!("other ostiary processes use the target; stop them first");
    };
    let rows = transfer(&source, &target, &Keyring::new(&key)).await?;
    target.close().await;
    source.close().await;
    println!(
        "moved {rows} rows, each compared with its source; serve the new database with the same OSTIARY_SECRET_KEY \
         and {} no more",
        path.display()
    );
    Ok(())
}

fn source(from: &str) -> anyhow::Result<PathBuf> {
    let Some(path) = from.strip_prefix("sqlite:") else {
        bail!("--from must be the URL of a file, such as sqlite:data/ostiary.db");
    };
    let path = Path::new(path.strip_prefix("//").unwrap_or(path));
    // Opening makes a file where there is none.
    ensure!(path.is_file(), "there is no file {}", path.display());
    path.canonicalize().with_context(|| format!("cannot find {}", path.display()))
}

/// The key of the source: none is made where there is none.
fn key(data: &DataDir, config: &Config) -> anyhow::Result<SecretKey> {
    ensure!(
        config.secret_key.is_some() || data.has_secret_key(),
        "there is no secret key beside the file; set OSTIARY_SECRET_KEY to the one it was used with"
    );
    data.secret_key(config)
}

async fn transfer(source: &SqliteStore, target: &PgStore, keyring: &Keyring) -> anyhow::Result<u64> {
    let mut export = source.export().await.context("cannot read the source")?;
    let opened = secrets::open_all(&mut export, keyring).await?;
    println!("opened {opened} secrets with the key");
    if let Some((oldest, newest)) = export.span_of_decisions().await? {
        let time = |ms| DateTime::from_timestamp_millis(ms).context("a decision has no time");
        target.make_room(time(oldest)?, time(newest)?).await.context("cannot make room for decisions")?;
    }
    let mut import = target.import().await?;
    let tables = tables(&mut export, &import).await?;
    let mut rows = 0;
    for table in &tables {
        let count = export.count(table).await?;
        let name = &table.name;
        let progress = |written| println!("{name}: {written} of {count}");
        let written = import.copy(table, export.rows(table), progress).await.context("nothing was moved")?;
        ensure!(written == count, "`{name}` has {count} rows, and {written} were read; nothing was moved");
        println!("{name}: {written} of {count}, the same on both sides");
        rows += written;
    }
    import.commit().await.context("nothing was moved")?;
    Ok(rows)
}

/// The tables of both, in the order in which they can be written.
async fn tables(export: &mut SqliteExport, import: &PgImport) -> anyhow::Result<Vec<TableForm>> {
    let (mut ours, theirs) = (export.tables().await?, import.tables().cloned().collect::<Vec<_>>());
    for table in &theirs {
        let Some(at) = ours.iter().position(|ours| ours == table) else {
            bail!("the table `{}` of the target is not the one of the source", table.name);
        };
        ours.remove(at);
    }
    if let Some(table) = ours.first() {
        bail!("the table `{}` of the source has no place in the target", table.name);
    }
    Ok(theirs)
}

#[cfg(test)]
mod tests {
    use ostiary_testkit::TestPostgres;

    use super::*;

    /// A table or a column that one backend's migrations have and the other's have not would be left behind.
    #[tokio::test]
    async fn tables_of_both_backends_are_the_same() {
        let Some(database) = TestPostgres::create().await else { return };
        let target = PgStore::connect(database.url(), &ostiary_storage_pg::PgSettings::default()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let source = SqliteStore::open(&dir.path().join("ostiary.db")).await.unwrap();
        let (mut export, import) = (source.export().await.unwrap(), target.import().await.unwrap());
        assert!(tables(&mut export, &import).await.unwrap().len() > 10);
    }
}
