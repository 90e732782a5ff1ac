//! The tables, brought to the form this version needs.

use std::time::Duration;

use ostiary_storage::StorageError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Connection as _, PgConnection};

use crate::connect::{self, millis};
use crate::error::{ConnectError, storage_error};
use crate::settings::PgSettings;
use crate::store::PgStore;
use crate::within::Within as _;

/// How long a migration waits for a table that is in use, or for another process that migrates.
const LOCK: Duration = Duration::from_secs(60);

/// The migrations of this version.
static MIGRATOR: Migrator = sqlx::migrate!();

impl PgStore {
    /// Runs the migrations that the database lacks, one after the other, each whole or not at all.
    ///
    /// Migrations of a newer version are left as they are. Several processes may ask at the same time.
    ///
    /// # Errors
    ///
    /// As [`PgStore::connect`], and a migration that fails.
    pub async fn migrate(url: &str, settings: &PgSettings) -> Result<(), ConnectError> {
        // A migration takes the time it takes.
        let unhurried = [("statement_timeout", "0".to_owned()), ("lock_timeout", millis(LOCK))];
        let options = connect::options(url, settings)?.options(unhurried);
        let mut connection = connect::first(&options).await?;
        connect::inspect(&mut connection).await?;
        let mut migrator = Migrator::with_migrations(MIGRATOR.iter().cloned().collect());
        migrator.set_ignore_missing(true);
        migrator.run(&mut connection).await.map_err(migrate_error)?;
        connection.close().await.map_err(storage_error)?;
        Ok(())
    }
}

fn migrate_error(error: MigrateError) -> ConnectError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => storage_error(error).into(),
        MigrateError::VersionMismatch(version) => ConnectError::Altered { version },
        _ => StorageError::Other(error.into()).into(),
    }
}

/// Checks that every migration of this version was run.
///
/// More of them are no error: a newer version migrates first, and those that still run go on.
pub(crate) async fn check(connection: &mut PgConnection, patience: Duration) -> Result<(), ConnectError> {
    let is_there = sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "is_there!""#)
        .fetch_one(&mut *connection)
        .within(patience)
        .await
        .map_err(storage_error)?;
    let applied = if is_there {
        sqlx::query!("select version, checksum from _sqlx_migrations where success")
            .fetch_all(connection)
            .within(patience)
            .await
            .map_err(storage_error)?
    } else {
        Vec::new()
    };
    let mut missing = 0;
    for migration in MIGRATOR.iter() {
        match applied.iter().find(|applied| applied.version == migration.version) {
            None => missing += 1,
            Some(applied) if applied.checksum != *migration.checksum => {
                return Err(ConnectError::Altered { version: migration.version });
            }
            Some(_) => {}
        }
    }
    if missing > 0 { Err(ConnectError::Behind { missing }) } else { Ok(()) }
}
