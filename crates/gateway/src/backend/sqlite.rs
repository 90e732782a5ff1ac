//! A file in the data directory: opened, and maintained.

use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use ostiary_model::{Clock as _, SystemClock};
use ostiary_storage::StorageError;
use ostiary_storage_sqlite::SqliteStore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Backend;
use crate::config::Config;
use crate::first_run::DataDir;
use crate::shutdown::Shutdown;

/// Between two rounds of maintenance.
const ROUND: Duration = Duration::from_secs(3600);

/// Between two steps of a round, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes hold of the directory, opens the file in it, and keeps it in order from then on.
pub(super) async fn open(config: &Config, calls: &Shutdown) -> anyhow::Result<Backend> {
    let data = DataDir::open(&config.data_dir)?;
    let path = data.database();
    let store = SqliteStore::open(&path).await.with_context(|| format!("cannot open {}", path.display()))?;
    if let Some(retention) = config.database.retention {
        calls.tasks.spawn(maintain(store.clone(), retention, calls.token.clone()));
    }
    Ok(Backend::Sqlite { store, data })
}

async fn maintain(store: SqliteStore, retention: TimeDelta, stop: CancellationToken) {
    loop {
        let round = async {
            match remove_decisions(&store, retention).await {
                Ok(removed) => tracing::debug!(removed, "removed decisions past their retention"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot maintain the log of decisions");
                }
            }
            sleep(ROUND).await;
        };
        // What is left is removed the next time.
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

async fn remove_decisions(store: &SqliteStore, retention: TimeDelta) -> Result<u64, StorageError> {
    let Some(oldest) = SystemClock.now().checked_sub_signed(retention) else { return Ok(0) };
    let mut removed = 0;
    loop {
        match store.remove_decisions_before(oldest).await? {
            0 => return Ok(removed),
            some => removed += some,
        }
        sleep(PAUSE).await;
    }
}
