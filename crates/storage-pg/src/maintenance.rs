//! The months of the log: those to come are added ahead, those past their retention are dropped.

mod month;

use std::time::Duration;

use chrono::{DateTime, Utc};
use ostiary_storage::StorageError;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, PgExecutor, Postgres, Transaction};

use self::month::{Month, id_at};
use crate::error::storage_error;
use crate::store::{PgStore, begin};
use crate::within::Within as _;

/// So many months are there beyond the current one: nothing happens when maintenance rests for a while.
const AHEAD: u32 = 2;

/// The advisory lock of whoever maintains: `ostimain` in ASCII.
const MAINTAINER: i64 = 0x6f73_7469_6d61_696e;

/// How long a step may take: it may move or remove rows.
const STEP: Duration = Duration::from_secs(60);

/// How long a step waits for the log. Calls queue behind it meanwhile, so it gives up soon; the next round tries again.
const LOCK: Duration = Duration::from_secs(1);

/// What maintenance did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Months that were added.
    pub added: u32,
    /// Months that were dropped.
    pub dropped: u32,
    /// Records of no month of their own that were past their retention and were removed.
    pub removed: u64,
}

impl PgStore {
    /// Makes room for the records of this month and the next ones, and drops those that are past their retention.
    ///
    /// To be called at start and then every hour or so, by as many processes as there are: one of them does it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unavailable`] when the log is too busy to be changed; to be tried again later. What was done
    /// until then stays.
    pub async fn maintain(&self, now: DateTime<Utc>) -> Result<Maintained, StorageError> {
        let mut done = Maintained::default();
        let mut month = Month::of(now);
        let present = self.months(&self.pool).await?;
        for _ in 0..=AHEAD {
            if !present.contains(&month) && self.add(month).await? {
                done.added += 1;
            }
            month = month.next();
        }
        let Some(oldest) = self.retention.and_then(|retention| now.checked_sub_signed(retention)) else {
            return Ok(done);
        };
        for month in present {
            if month.next().start() <= oldest && self.drop_month(month).await? {
                done.dropped += 1;
            }
        }
        done.removed = self.remove_before(oldest).await?;
        Ok(done)
    }

    /// Adds the months from one time to another; answers how many were missing.
    pub(crate) async fn add_months(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<u32, StorageError> {
        let (present, mut month, mut added) = (self.months(&self.pool).await?, Month::of(from), 0);
        while month.start() <= until {
            if !present.contains(&month) && self.add(month).await? {
                added += 1;
            }
            month = month.next();
        }
        Ok(added)
    }

    /// The months that are there.
    async fn months(&self, database: impl PgExecutor<'_>) -> Result<Vec<Month>, StorageError> {
        let names = sqlx::query_scalar!(
            r#"
            select c.relname::text as "name!"
            from pg_inherits i
            join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'decisions'::regclass
            "#
        )
        .fetch_all(database)
        .within(self.patience)
        .await
        .map_err(storage_error)?;
        Ok(names.iter().filter_map(|name| Month::of_table(name)).collect())
    }

    /// Adds a month, with the records that came for it before; answers whether it was for this process to do.
    async fn add(&self, month: Month) -> Result<bool, StorageError> {
        let Some(mut tx) = self.turn().await? else { return Ok(false) };
        // Somebody else may have, between the look at all months and the turn.
        if self.months(&mut *tx).await?.contains(&month) {
            return Ok(false);
        }
        let (table, from, until) = (month.table(), id_at(month.start()), id_at(month.next().start()));
        // The default partition is locked between moving its rows and attaching the month: a record that arrives
        // in between would belong to two.
        let statements = [
            format!("create table if not exists {table} (like decisions including defaults including constraints)"),
            "lock table decisions_default in access exclusive mode".to_owned(),
            format!(
                "with moved as (delete from decisions_default where id >= '{from}' and id < '{until}' returning *)
                 insert into {table} select * from moved"
            ),
            format!("alter table decisions attach partition {table} for values from ('{from}') to ('{until}')"),
        ];
        for sql in statements {
            define(&mut tx, sql).await?;
        }
        tx.commit().within(STEP).await.map_err(storage_error)?;
        Ok(true)
    }

    async fn drop_month(&self, month: Month) -> Result<bool, StorageError> {
        let Some(mut tx) = self.turn().await? else { return Ok(false) };
        define(&mut tx, format!("drop table if exists {}", month.table())).await?;
        tx.commit().within(STEP).await.map_err(storage_error)?;
        Ok(true)
    }

    /// Removes records from before a time that came when their month was not there.
    async fn remove_before(&self, time: DateTime<Utc>) -> Result<u64, StorageError> {
        let before = id_at(time);
        sqlx::query!("delete from decisions_default where id < $1", before)
            .execute(&self.pool)
            .within(self.patience)
            .await
            .map(|result| result.rows_affected())
            .map_err(storage_error)
    }

    /// A transaction in which tables are defined; none while another process is at it.
    async fn turn(&self) -> Result<Option<Transaction<'static, Postgres>>, StorageError> {
        let mut tx = begin(&self.pool, self.patience).await?;
        let ours = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "ours!""#, MAINTAINER)
            .fetch_one(&mut *tx)
            .within(self.patience)
            .await
            .map_err(storage_error)?;
        if !ours {
            return Ok(None);
        }
        let (lock, statement) = (LOCK.as_millis(), STEP.as_millis());
        define(&mut tx, format!("set local lock_timeout = {lock}; set local statement_timeout = {statement}")).await?;
        Ok(Some(tx))
    }
}

/// Runs a statement that defines tables, which takes no parameters.
///
/// SECURITY: the only SQL of this crate that is put together. Its parts are names and ids that [`Month`] makes of
/// numbers; nothing that a caller of the product writes comes near it.
async fn define(connection: &mut PgConnection, sql: String) -> Result<(), StorageError> {
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).within(STEP).await.map(drop).map_err(storage_error)
}
