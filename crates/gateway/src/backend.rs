//! Where the data is kept: the one place that names a database.

mod postgres;
mod sqlite;

use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use ostiary_auth::SecretKey;
use ostiary_storage::{DecisionLog, Store};
use ostiary_storage_pg::PgStore;
use ostiary_storage_sqlite::SqliteStore;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::first_run::{DataDir, Keys};
use crate::shutdown::Shutdown;

pub(crate) use self::postgres::{connect, migrate};

/// The database that was configured, opened.
pub(crate) enum Backend {
    /// One file in the data directory, which is held as long.
    Sqlite { store: SqliteStore, data: DataDir },
    /// A PostgreSQL database; `lost` is cancelled when another process has taken it over.
    Postgres { store: PgStore, lost: CancellationToken },
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite { .. } => "Sqlite",
            Self::Postgres { .. } => "Postgres",
        })
    }
}

/// Opens the data for a command that reads beside the processes that serve it.
///
/// # Errors
///
/// A database that is not there or cannot be used.
pub(crate) async fn open_to_read(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    if config.database_url.is_some() {
        return Ok(Arc::new(postgres::connect(config).await?));
    }
    let path = DataDir::database_in(&config.data_dir);
    let store = SqliteStore::open_to_read(&path).await;
    Ok(Arc::new(store.with_context(|| format!("cannot open {}; is OSTIARY_DATA_DIR right?", path.display()))?))
}

/// The database, to write into it beside the processes that serve it: for what no call depends on.
///
/// # Errors
///
/// A database that cannot be used.
pub(crate) async fn open_beside(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    if config.database_url.is_some() {
        return Ok(Arc::new(postgres::connect(config).await?));
    }
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("cannot make {}", config.data_dir.display()))?;
    let path = DataDir::database_in(&config.data_dir);
    let store = SqliteStore::open(&path).await.with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Arc::new(store))
}

/// The database of a command that changes what calls depend on.
pub(crate) struct Sole {
    store: Arc<dyn Store>,
    /// What keeps out processes that count in themselves, as long as the command runs.
    _hold: Box<dyn std::any::Any + Send>,
}

impl Sole {
    /// Opens it, beside processes that count in Redis, or while none serves.
    ///
    /// # Errors
    ///
    /// A database that cannot be used, or that a process uses which counts in itself.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        if config.database_url.is_some() {
            let (store, hold) = postgres::open_sole(config).await?;
            return Ok(Self { store: Arc::new(store), _hold: Box::new(hold) });
        }
        let data = DataDir::open(&config.data_dir)?;
        let path = data.database();
        let store = SqliteStore::open(&path).await.with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { store: Arc::new(store), _hold: Box::new(data) })
    }

    /// Reads and transactions.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}

impl Backend {
    /// Opens it: for the one process that counts calls in itself, or for one of those that count in Redis.
    ///
    /// # Errors
    ///
    /// A database that cannot be used, or, without Redis, that another process uses.
    pub(crate) async fn open(config: &Config, calls: &Shutdown, log: &Shutdown) -> anyhow::Result<Self> {
        if config.database_url.is_some() {
            return postgres::open(config, calls, log).await;
        }
        sqlite::open(config, calls).await
    }

    /// The secret key: the configured one. Beside a file, one is made on first start; beside a database that others
    /// may use, too, it has to be given.
    ///
    /// # Errors
    ///
    /// No key, or a key file that cannot be used.
    pub(crate) fn secret_key(&self, config: &Config) -> anyhow::Result<SecretKey> {
        match (self, &config.secret_key) {
            (Self::Sqlite { data, .. }, _) => data.secret_key(config),
            (Self::Postgres { .. }, Some(key)) => Ok(key.clone()),
            (Self::Postgres { .. }, None) => bail!(
                "OSTIARY_SECRET_KEY is needed with a PostgreSQL database: 32 bytes in base64, the same for every process"
            ),
        }
    }

    /// The keys: [`Self::secret_key`], and the other one while it is exchanged.
    ///
    /// # Errors
    ///
    /// As [`Self::secret_key`].
    pub(crate) fn keys(&self, config: &Config) -> anyhow::Result<Keys> {
        let current = self.secret_key(config)?;
        let other = Keys::other(config, &config.data_dir, &current)?;
        let keys = Keys { current, other };
        if let Self::Sqlite { data, .. } = self {
            data.note_keys(&keys).context("cannot write to the data directory")?;
        }
        Ok(keys)
    }

    /// Reads and transactions.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite { store, .. } => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// The log of decisions.
    pub(crate) fn log(&self) -> Arc<dyn DecisionLog> {
        match self {
            Self::Sqlite { store, .. } => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
        }
    }

    /// Waits until the database is another process's; for ever when that cannot happen.
    pub(crate) async fn lost(&self) {
        match self {
            Self::Sqlite { .. } => std::future::pending().await,
            Self::Postgres { lost, .. } => lost.cancelled().await,
        }
    }

    /// Waits for transactions that are open, then closes it.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { store, .. } => store.close().await,
            Self::Postgres { store, .. } => store.close().await,
        }
    }
}
