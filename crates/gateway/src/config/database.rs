//! How a PostgreSQL database is used.

use std::time::Duration;

use chrono::TimeDelta;
use ostiary_storage_pg::PgSettings;

use super::read::{Reader, millis, number, parsed};

/// Connections and times of a PostgreSQL database. A file in the data directory has no need of them.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// Connections for reads and transactions.
    pub connections: u32,
    /// Connections of the log of decisions.
    pub log_connections: u32,
    /// For a free connection.
    pub acquire_timeout: Duration,
    /// For a statement.
    pub statement_timeout: Duration,
    /// For a row or table that another holds.
    pub lock_timeout: Duration,
    /// How long decisions are kept; for ever when not given.
    pub retention: Option<TimeDelta>,
    /// Whether to run migrations at start, rather than by `ostiary migrate`.
    pub migrate: bool,
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let connections = reader.required("database.connections", |value| number(value, 1, 10_000));
        let log_connections = reader.required("database.log_connections", |value| number(value, 1, 1_000));
        let acquire_timeout = reader.required("database.acquire_timeout_ms", millis);
        let statement_timeout = reader.required("database.statement_timeout_ms", millis);
        let lock_timeout = reader.required("database.lock_timeout_ms", millis);
        let retention =
            reader.optional("database.retention_days", |value| number(value, 1, 36_500_i64).map(TimeDelta::days));
        let migrate = reader.required("database.migrate", |value| parsed(value, "`true` or `false`"));
        Some(Self {
            connections: connections?,
            log_connections: log_connections?,
            acquire_timeout: acquire_timeout?,
            statement_timeout: statement_timeout?,
            lock_timeout: lock_timeout?,
            retention: retention?,
            migrate: migrate?,
        })
    }

    /// The same as the backend takes it.
    #[must_use]
    pub fn settings(&self) -> PgSettings {
        PgSettings {
            connections: self.connections,
            log_connections: self.log_connections,
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
            lock_timeout: self.lock_timeout,
            decision_retention: self.retention,
        }
    }
}
