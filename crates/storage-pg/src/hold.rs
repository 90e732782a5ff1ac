//! The word of the database on who counts: one process in itself, or any number of them elsewhere together.

use std::fmt;
use std::time::Duration;

use ostiary_storage::StorageError;
use sqlx::{Connection as _, PgConnection};

use crate::connect;
use crate::error::storage_error;
use crate::store::PgStore;
use crate::within::Within as _;

/// The advisory lock of those who count: `ostisole` in ASCII. Held alone by a process whose counters are its own, and
/// shared by those that count together.
const COUNTING: i64 = 0x6f73_7469_736f_6c65;

/// How often it is looked whether the word still holds.
const ROUND: Duration = Duration::from_secs(1);

/// Where a process counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldKind {
    /// In itself. Two of them on one database would each count for themselves, and so let twice as many calls through.
    Sole,
    /// Together with all others of the kind.
    Shared,
}

/// Why there is no hold to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A process that counts in itself has it.
    Sole,
    /// Processes that count together have it.
    Shared,
}

/// The hold of a process that counts.
///
/// It ends when this is dropped, when the process ends, however it ends, and when its connection breaks.
pub struct Hold {
    connection: PgConnection,
    patience: Duration,
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold").finish_non_exhaustive()
    }
}

impl PgStore {
    /// Takes the hold, or says who keeps it from being taken.
    ///
    /// # Errors
    ///
    /// A database that cannot be reached.
    pub async fn hold(&self, kind: HoldKind) -> Result<Result<Hold, Holder>, StorageError> {
        let mut connection = connect::single(&self.options).await.map_err(storage_error)?;
        let is_taken = match kind {
            HoldKind::Sole => self.lock(&mut connection).await?,
            HoldKind::Shared => self.lock_shared(&mut connection).await?,
        };
        if is_taken {
            return Ok(Ok(Hold { connection, patience: self.patience }));
        }
        // Only a shared lock leaves room for another one. The connection, and what it may have taken, end here.
        let is_shared = kind == HoldKind::Sole && self.lock_shared(&mut connection).await?;
        Ok(Err(if is_shared { Holder::Shared } else { Holder::Sole }))
    }

    async fn lock(&self, connection: &mut PgConnection) -> Result<bool, StorageError> {
        sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "ours!""#, COUNTING)
            .fetch_one(connection)
            .within(self.patience)
            .await
            .map_err(storage_error)
    }

    async fn lock_shared(&self, connection: &mut PgConnection) -> Result<bool, StorageError> {
        sqlx::query_scalar!(r#"select pg_try_advisory_lock_shared($1) as "ours!""#, COUNTING)
            .fetch_one(connection)
            .within(self.patience)
            .await
            .map_err(storage_error)
    }
}

impl Hold {
    /// Waits until the hold is lost with its connection.
    pub async fn lost(mut self) {
        while self.connection.ping().within(self.patience).await.is_ok() {
            tokio::time::sleep(ROUND).await;
        }
    }
}
