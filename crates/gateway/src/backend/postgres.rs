//! A PostgreSQL database: opened, held, and maintained.

use std::time::Duration;

use anyhow::{Context as _, bail};
use ostiary_model::{Clock as _, SystemClock};
use ostiary_storage_pg::{PgStore, SoleWriter};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use super::Backend;
use crate::config::Config;
use crate::shutdown::Shutdown;

/// Between two rounds of maintenance.
const ROUND: Duration = Duration::from_secs(3600);

/// Between two attempts to take the hold again.
const RETRY: Duration = Duration::from_millis(500);

/// So many times in a row the hold may be another's before it is given up: the database may see later than this process
/// that a connection of its own has broken.
const PATIENCE: u32 = 20;

/// Connects, takes the hold of the one process that counts unless Redis does, and keeps both in order from then on.
pub(super) async fn open(config: &Config, calls: &Shutdown, log: &Shutdown) -> anyhow::Result<Backend> {
    let url = url(config)?;
    let settings = config.database.settings();
    if config.database.migrate {
        PgStore::migrate(url.expose_secret(), &settings).await.context("cannot migrate the database")?;
    }
    let store =
        PgStore::connect(url.expose_secret(), &settings).await.context("cannot use the database of database_url")?;
    let lost = CancellationToken::new();
    // Who counts in Redis counts together with all others that do.
    if config.redis_url.is_none() {
        let Some(hold) = store.sole_writer().await.context("cannot take hold of the database")? else {
            bail!("another `ostiary serve` uses this database; each would count calls for itself, so only one may run");
        };
        // Beside the log: the hold is let go when the last decision is written.
        log.tasks.spawn(keep_hold(store.clone(), hold, log.token.clone(), lost.clone()));
    }
    calls.tasks.spawn(maintain(store.clone(), calls.token.clone()));
    Ok(Backend::Postgres { store, lost })
}

/// Connects to a database that other processes serve.
///
/// # Errors
///
/// A database that cannot be used.
pub(super) async fn connect(config: &Config) -> anyhow::Result<PgStore> {
    let store = PgStore::connect(url(config)?.expose_secret(), &config.database.settings()).await;
    store.context("cannot use the database of database_url")
}

/// Runs the migrations and makes room for the first months.
///
/// # Errors
///
/// A database that cannot be used, or a migration that fails.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let url = url(config)?;
    let settings = config.database.settings();
    PgStore::migrate(url.expose_secret(), &settings).await.context("cannot migrate the database")?;
    let store = PgStore::connect(url.expose_secret(), &settings).await.context("cannot use the database")?;
    let maintained = store.maintain(SystemClock.now()).await.context("cannot make room in the log of decisions");
    store.close().await;
    maintained.map(drop)
}

fn url(config: &Config) -> anyhow::Result<&SecretString> {
    config.database_url.as_ref().context("database_url is not set")
}

async fn maintain(store: PgStore, stop: CancellationToken) {
    loop {
        match store.maintain(SystemClock.now()).await {
            Ok(done) => tracing::debug!(done.added, done.dropped, done.removed, "maintained the log of decisions"),
            Err(error) => {
                // Nothing is lost meanwhile: records go to the default partition.
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot maintain the log of decisions");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Holds the database until the process ends, again when the connection was lost; when another process has taken the
/// hold, says so.
async fn keep_hold(store: PgStore, mut hold: SoleWriter, stop: CancellationToken, lost: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hold.lost() => {}
        }
        let mut refused = 0;
        hold = loop {
            match store.sole_writer().await {
                Ok(Some(hold)) => break hold,
                Ok(None) if refused == PATIENCE => {
                    tracing::error!("another process has taken the database over; this one must not count any more");
                    lost.cancel();
                    return;
                }
                Ok(None) => refused += 1,
                // Without the database no call is admitted, here or there.
                Err(_) => refused = 0,
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RETRY) => {}
            }
        };
    }
}
