//! A PostgreSQL database: opened, held, and maintained.

use std::time::Duration;

use anyhow::{Context as _, bail};
use ostiary_model::{Clock as _, SystemClock};
use ostiary_storage::DecisionLog as _;
use ostiary_storage_pg::{Hold, HoldKind, Holder, PgStore};
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

/// Connects, takes the hold of the one process that counts, or of those that count in Redis together, and keeps both in
/// order from then on.
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
    let kind = if config.redis_url.is_none() { HoldKind::Sole } else { HoldKind::Shared };
    let hold = match store.hold(kind).await.context("cannot take hold of the database")? {
        Ok(hold) => hold,
        Err(holder) => bail!(refusal(kind, holder)),
    };
    if kind == HoldKind::Shared && !store.load_slots(i64::MIN).await?.is_empty() {
        bail!(
            "counters of an `ostiary serve` without Redis are left in the database; run `ostiary migrate` to carry them over"
        );
    }
    // Beside the log: the hold is let go when the last decision is written.
    log.tasks.spawn(keep_hold(store.clone(), kind, hold, log.token.clone(), lost.clone()));
    calls.tasks.spawn(maintain(store.clone(), calls.token.clone()));
    Ok(Backend::Postgres { store, lost })
}

/// Connects, and holds the database as a process that serves it would.
///
/// # Errors
///
/// A database that cannot be used, or that is held in another way.
pub(super) async fn open_sole(config: &Config) -> anyhow::Result<(PgStore, Hold)> {
    let store = connect(config).await?;
    let kind = if config.redis_url.is_none() { HoldKind::Sole } else { HoldKind::Shared };
    match store.hold(kind).await.context("cannot take hold of the database")? {
        Ok(hold) => Ok((store, hold)),
        Err(holder) => bail!(refusal(kind, holder)),
    }
}

/// Connects to a database that other processes serve.
///
/// # Errors
///
/// A database that cannot be used.
pub(crate) async fn connect(config: &Config) -> anyhow::Result<PgStore> {
    let store = PgStore::connect(url(config)?.expose_secret(), &config.database.settings()).await;
    store.context("cannot use the database of database_url")
}

/// Why a process may not use the database beside those that do.
const fn refusal(kind: HoldKind, holder: Holder) -> &'static str {
    match (kind, holder) {
        (HoldKind::Sole, Holder::Sole) => {
            "another `ostiary serve` uses this database; each would count calls for itself, so only one may run"
        }
        (HoldKind::Sole, Holder::Shared) => {
            "other ostiary processes use this database and count calls in Redis; this one would count for itself: set \
             OSTIARY_REDIS_URL to the same, or stop them"
        }
        (HoldKind::Shared, _) => {
            "an `ostiary serve` without OSTIARY_REDIS_URL uses this database and counts calls for itself; stop it first"
        }
    }
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
async fn keep_hold(store: PgStore, kind: HoldKind, mut hold: Hold, stop: CancellationToken, lost: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hold.lost() => {}
        }
        let mut refused = 0;
        hold = loop {
            match store.hold(kind).await {
                Ok(Ok(hold)) => break hold,
                Ok(Err(_)) if refused == PATIENCE => {
                    tracing::error!("another process has taken the database over; this one must not count any more");
                    lost.cancel();
                    return;
                }
                Ok(Err(_)) => refused += 1,
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
