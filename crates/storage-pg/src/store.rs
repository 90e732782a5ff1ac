//! The database: connections for people's requests, and others for the log of calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use ostiary_storage::{Reads, StorageError, Store, Transaction};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgPool};

use crate::error::{ConnectError, storage_error};
use crate::settings::PgSettings;
use crate::transaction::PgTransaction;
use crate::within::Within as _;
use crate::{connect, migrate};

/// Everything in one PostgreSQL database, which any number of processes share. Cheap to clone.
///
/// Transactions lock the rows they write, in one order everywhere: server, grant, binding, policy. Reads go on
/// meanwhile and see what was committed before. After a statement of a transaction has failed, the transaction can only
/// be dropped.
#[derive(Clone)]
pub struct PgStore {
    pub(crate) pool: PgPool,
    pub(crate) log: PgPool,
    pub(crate) options: Arc<PgConnectOptions>,
    pub(crate) patience: Duration,
    pub(crate) retention: Option<TimeDelta>,
}

// SECURITY: the options hold the password.
impl fmt::Debug for PgStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgStore").finish_non_exhaustive()
    }
}

impl PgStore {
    /// Connects, and checks that the server and its tables are those this version needs.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL, the server or the tables; [`StorageError::Unavailable`] when it cannot be reached.
    pub async fn connect(url: &str, settings: &PgSettings) -> Result<Self, ConnectError> {
        let mut options = connect::options(url, settings)?;
        let mut connection = connect::first(&options).await?;
        if !connect::inspect(&mut connection).await? {
            // A call is forwarded when its record is durable, not when it is about to be.
            options = options.options([("synchronous_commit", "on")]);
            connection.close().within(settings.patience()).await.map_err(storage_error)?;
            connection = connect::first(&options).await?;
            if !connect::inspect(&mut connection).await? {
                return Err(ConnectError::NotDurable);
            }
        }
        let patience = settings.patience();
        migrate::check(&mut connection, patience).await?;
        connection.close().within(patience).await.map_err(storage_error)?;
        Ok(Self {
            pool: connect::pool(&options, settings.connections, settings),
            log: connect::pool(&options, settings.log_connections, settings),
            options: Arc::new(options),
            patience,
            retention: settings.decision_retention,
        })
    }

    /// Waits for transactions that are open, then closes the connections; later calls are
    /// [`StorageError::Unavailable`].
    pub async fn close(&self) {
        self.pool.close().await;
        self.log.close().await;
    }
}

impl Reads for PgStore {}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StorageError> {
        let inner = begin(&self.pool, self.patience).await?;
        Ok(Box::new(PgTransaction::new(inner, self.patience)))
    }

    async fn clock(&self) -> Result<DateTime<Utc>, StorageError> {
        let now = sqlx::query_scalar!(r#"select (extract(epoch from clock_timestamp()) * 1000)::bigint as "ms!""#);
        let ms = now.fetch_one(&self.pool).within(self.patience).await.map_err(storage_error)?;
        Ok(DateTime::from_timestamp_millis(ms).unwrap_or_default())
    }

    async fn ping(&self) -> Result<(), StorageError> {
        sqlx::query!(r#"select 1 as "one!""#)
            .fetch_one(&self.pool)
            .within(self.patience)
            .await
            .map(drop)
            .map_err(storage_error)
    }
}

/// Begins a transaction on a connection of a pool.
pub(crate) async fn begin(
    pool: &PgPool,
    patience: Duration,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StorageError> {
    pool.begin().within(patience).await.map_err(storage_error)
}

#[cfg(test)]
mod tests {
    use ostiary_testkit::TestPostgres;
    use sqlx::AssertSqlSafe;

    use super::*;

    async fn setting(pool: &PgPool, name: &str) -> String {
        sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(pool).await.expect("a setting")
    }

    /// What commits say is durable is durable, whatever the server's default is.
    #[tokio::test]
    async fn store_connected_waits_for_durable_commits_and_for_nothing_too_long() {
        let Some(database) = TestPostgres::create().await else { return };
        let store = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
        let careless = "do $$ begin
            execute format('alter database %I set synchronous_commit = off', current_database());
        end $$";
        sqlx::raw_sql(AssertSqlSafe(careless.to_owned())).execute(&store.pool).await.expect("a setting");
        let store = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
        let expected = [
            ("synchronous_commit", "on"),
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("default_transaction_isolation", "read committed"),
        ];
        for pool in [&store.pool, &store.log] {
            for (name, value) in expected {
                assert_eq!(setting(pool, name).await, value, "{name}");
            }
        }
    }
}
