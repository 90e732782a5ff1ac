//! The word of the database that one process alone counts.

use std::fmt;
use std::time::Duration;

use ostiary_storage::StorageError;
use sqlx::{Connection as _, PgConnection};

use crate::connect;
use crate::error::storage_error;
use crate::store::PgStore;
use crate::within::Within as _;

/// The advisory lock of the process whose counters are its own: `ostisole` in ASCII.
const SOLE: i64 = 0x6f73_7469_736f_6c65;

/// How often it is looked whether the word still holds.
const ROUND: Duration = Duration::from_secs(1);

/// The hold of the one process that keeps counters in itself. Two of them on one database would each count for
/// themselves, and so let twice as many calls through.
///
/// It ends when this is dropped, when the process ends, however it ends, and when its connection breaks.
pub struct SoleWriter {
    connection: PgConnection,
    patience: Duration,
}

impl fmt::Debug for SoleWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoleWriter").finish_non_exhaustive()
    }
}

impl PgStore {
    /// Takes the hold; none while another process has it.
    ///
    /// # Errors
    ///
    /// A database that cannot be reached.
    pub async fn sole_writer(&self) -> Result<Option<SoleWriter>, StorageError> {
        let mut connection = connect::single(&self.options).await.map_err(storage_error)?;
        let ours = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "ours!""#, SOLE)
            .fetch_one(&mut connection)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        Ok(ours.then_some(SoleWriter { connection, patience: self.patience }))
    }
}

impl SoleWriter {
    /// Waits until the hold is lost with its connection.
    pub async fn lost(mut self) {
        while self.connection.ping().within(self.patience).await.is_ok() {
            tokio::time::sleep(ROUND).await;
        }
    }
}
