//! How the database is used.

use std::time::Duration;

use chrono::TimeDelta;

/// How many connections are held, and how long anything may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgSettings {
    /// At most so many connections for reads and transactions; at least 1.
    pub connections: u32,
    /// At most so many connections of their own for the log of decisions, so that no list that people read holds up a
    /// call; at least 1.
    pub log_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may take. The database ends it then; when the database does not answer at all, the
    /// connection is given up a moment later.
    pub statement_timeout: Duration,
    /// How long a statement waits for a row or table that another holds.
    pub lock_timeout: Duration,
    /// How long decisions are kept at least; for ever when not given. They go by whole months.
    pub decision_retention: Option<TimeDelta>,
}

impl Default for PgSettings {
    fn default() -> Self {
        Self {
            connections: 16,
            log_connections: 2,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
            decision_retention: None,
        }
    }
}

impl PgSettings {
    /// How long the answer to one statement is waited for. Longer than the database's own limit, whose error says more.
    pub(crate) fn patience(&self) -> Duration {
        self.statement_timeout.saturating_add(Duration::from_secs(1))
    }
}
