//! Everything of another backend, written to an empty database in one transaction.

mod form;
mod line;

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use ostiary_storage::StorageError;
use ostiary_storage::transfer::{Row, TableForm, TransferError};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use self::form::Target;
use self::line::{Digest, Line};
use crate::connect;
use crate::error::storage_error;
use crate::store::PgStore;

/// So much is sent at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Progress is told after so many rows.
const ROUND: u64 = 50_000;

/// A writer of a whole database. Dropped without [`PgImport::commit`], nothing was written.
pub struct PgImport {
    connection: PgConnection,
    targets: Vec<Target>,
}

impl std::fmt::Debug for PgImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgImport").field("tables", &self.targets.len()).finish_non_exhaustive()
    }
}

impl PgStore {
    /// Makes room for decisions of a past stretch of time, a month each, so that they are dropped like all others.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the log is in use.
    pub async fn make_room(&self, oldest: DateTime<Utc>, newest: DateTime<Utc>) -> Result<(), StorageError> {
        self.add_months(oldest, newest).await.map(drop)
    }

    /// Begins to write everything.
    ///
    /// # Errors
    ///
    /// A database that cannot be reached, or that has rows already.
    pub async fn import(&self) -> Result<PgImport, TransferError> {
        // It takes the time it takes.
        let options = (*self.options).clone().options([("statement_timeout", "0"), ("lock_timeout", "60s")]);
        let mut connection = connect::single(&options).await.map_err(storage_error)?;
        sqlx::raw_sql("begin").execute(&mut connection).await.map_err(storage_error)?;
        let targets = form::targets(&mut connection).await?;
        let mut import = PgImport { connection, targets };
        for at in 0..import.targets.len() {
            import.must_be_empty(at).await?;
        }
        Ok(import)
    }
}

impl PgImport {
    /// The tables, each behind those it refers to.
    pub fn tables(&self) -> impl Iterator<Item = &TableForm> {
        self.targets.iter().map(|target| &target.form)
    }

    /// Writes all rows of a table, reads them back, and compares the two; answers how many there are. `progress` is
    /// told now and then how many were written.
    ///
    /// # Errors
    ///
    /// A row that cannot be read or written, and a table that is not the same afterwards.
    pub async fn copy(
        &mut self,
        table: &TableForm,
        mut rows: impl Stream<Item = Result<Row, StorageError>> + Unpin + Send,
        progress: impl Fn(u64) + Send,
    ) -> Result<u64, TransferError> {
        let missing = || TransferError::Form(format!("there is no table `{}` in the target", table.name));
        let target = self.targets.iter().find(|target| target.form == *table).ok_or_else(missing)?;
        let (mut digest, mut line, mut chunk) = (Digest::default(), Line::default(), Vec::with_capacity(CHUNK_BYTES));
        let mut copy = self.connection.copy_in_raw(&target.copy_in()).await.map_err(storage_error)?;
        while let Some(row) = rows.next().await {
            line.write(target, &row?)?;
            digest.add(line.as_bytes());
            chunk.extend_from_slice(line.as_bytes());
            if chunk.len() >= CHUNK_BYTES {
                copy.send(chunk.as_slice()).await.map_err(storage_error)?;
                chunk.clear();
            }
            if digest.lines() % ROUND == 0 {
                progress(digest.lines());
            }
        }
        copy.send(chunk.as_slice()).await.map_err(storage_error)?;
        copy.finish().await.map_err(storage_error)?;
        if let Some(sql) = target.go_on() {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut self.connection).await.map_err(storage_error)?;
        }
        let found = read_back(&mut self.connection, target).await?;
        if found != digest {
            let (read, found) = (digest.lines(), found.lines());
            return Err(TransferError::Different { table: table.name.clone(), read, found });
        }
        Ok(digest.lines())
    }

    /// Makes it durable.
    ///
    /// # Errors
    ///
    /// A database that does not take it; nothing was written then.
    pub async fn commit(mut self) -> Result<(), TransferError> {
        sqlx::raw_sql("commit").execute(&mut self.connection).await.map_err(storage_error)?;
        self.connection.close().await.map_err(storage_error)?;
        Ok(())
    }

    async fn must_be_empty(&mut self, at: usize) -> Result<(), TransferError> {
        let Some(target) = self.targets.get(at) else { return Ok(()) };
        let sql = AssertSqlSafe(target.has_rows());
        let has_rows: bool = sqlx::query_scalar(sql).fetch_one(&mut self.connection).await.map_err(storage_error)?;
        if has_rows { Err(TransferError::NotEmpty { table: target.form.name.clone() }) } else { Ok(()) }
    }
}

/// What is in a table now.
async fn read_back(connection: &mut PgConnection, target: &Target) -> Result<Digest, TransferError> {
    let mut digest = Digest::default();
    let mut found = connection.copy_out_raw(&target.copy_out()).await.map_err(storage_error)?;
    // Lines come in pieces of the server's choice.
    let mut rest: Vec<u8> = Vec::new();
    while let Some(piece) = found.try_next().await.map_err(storage_error)? {
        rest.extend_from_slice(&piece);
        let mut lines = rest.split_inclusive(|byte| *byte == b'\n').peekable();
        let mut left = Vec::new();
        while let Some(line) = lines.next() {
            if lines.peek().is_none() && line.last() != Some(&b'\n') {
                left.extend_from_slice(line);
            } else {
                digest.add(line);
            }
        }
        rest = left;
    }
    Ok(digest)
}
