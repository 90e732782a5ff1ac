//! The log of decisions, as the path of a call writes it, and as records arrive from other processes.
//!
//! One statement for all records of a batch and one for all endings: the way to the database and back costs more than
//! the rows do.

mod insert;
mod slot;
mod usage;

use std::collections::BTreeMap;

use async_trait::async_trait;
use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, DecisionId};
use ostiary_storage::usage::{UsageDelta, UsageDeltas};
use ostiary_storage::{DecisionLog, LogBatch, StorageError, StoredSlot};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::storage_error;
use crate::store::{PgStore, begin};
use crate::within::Within as _;

#[async_trait]
impl DecisionLog for PgStore {
    async fn commit(&self, batch: &LogBatch) -> Result<(), StorageError> {
        match self.write(batch).await {
            // Undone as a whole, and this time it finds the month.
            Err(error) if is_of_a_new_month(&error) => self.write(batch).await,
            written => written,
        }
    }

    async fn load_slots(&self, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
        slot::load(self, now_ms).await
    }

    async fn sweep_slots(&self, now_ms: i64) -> Result<u64, StorageError> {
        slot::sweep(self, now_ms).await
    }
}

impl PgStore {
    async fn write(&self, batch: &LogBatch) -> Result<(), StorageError> {
        let mut tx = begin(&self.log, self.patience).await?;
        let mut usage = UsageDeltas::default();
        let mut endings = by_record(&batch.endings);
        if !batch.decisions.is_empty() {
            insert::decisions(&mut tx, &batch.decisions, &mut endings, &mut usage, self.patience).await?;
        }
        // Behind the records: what is left may be of one that was there already.
        if !endings.is_empty() {
            let ended = update_endings(&mut tx, &endings, &mut usage);
            ended.within(self.patience).await.map_err(storage_error)?;
        }
        if !batch.slots.is_empty() {
            slot::apply(&mut tx, &batch.slots, self.patience).await?;
        }
        // Last, because batches of one account wait for each other here.
        if !usage.is_empty() {
            usage::add(&mut tx, &usage).within(self.patience).await.map_err(storage_error)?;
        }
        tx.commit().within(self.patience).await.map_err(storage_error)
    }
}

/// Whether a record was about to be written to the default partition when maintenance added the month it belongs to.
fn is_of_a_new_month(error: &StorageError) -> bool {
    let StorageError::Other(source) = error else { return false };
    let database = source.downcast_ref().and_then(sqlx::Error::as_database_error);
    database.is_some_and(|error| error.is_check_violation() && error.table() == Some("decisions_default"))
}

/// How calls ended, by the ids of the record and of its account: in the order of the records.
type Endings<'a> = BTreeMap<(Uuid, Uuid), &'a Ending>;

/// The first ending of each record.
fn by_record(endings: &[(AccountId, DecisionId, Ending)]) -> Endings<'_> {
    let mut first = Endings::new();
    for (account_id, id, ending) in endings {
        first.entry((*id.as_uuid(), *account_id.as_uuid())).or_insert(ending);
    }
    first
}

async fn update_endings(
    connection: &mut PgConnection,
    endings: &Endings<'_>,
    usage: &mut UsageDeltas,
) -> Result<(), sqlx::Error> {
    let accounts: Vec<Uuid> = endings.keys().map(|(_, account_id)| *account_id).collect();
    let ids: Vec<Uuid> = endings.keys().map(|(id, _)| *id).collect();
    let results: Vec<&str> = endings.values().map(|ending| ending.result.as_str()).collect();
    let statuses: Vec<Option<i32>> = endings.values().map(|ending| ending.upstream_status.map(i32::from)).collect();
    let bytes: Vec<i64> = endings.values().map(|ending| ending.bytes_out).collect();
    let times: Vec<i64> = endings.values().map(|ending| ending.upstream_ms).collect();
    let ended = sqlx::query!(
        // The first ending that is written stands: whatever comes twice is added up once. The first and the last id leave the partitions of other months alone.
        r#"
        with ended as (
            update decisions d set
                ending_result = e.result, ending_upstream_status = e.status, ending_bytes_out = e.bytes,
                ending_upstream_ms = e.ms
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[])
                as e (account_id, id, result, status, bytes, ms)
            where
                d.account_id = e.account_id and d.id = e.id and d.id >= $7 and d.id <= $8 and d.ending_result is null
            returning d.account_id, d.time, d.outcome, e.result, e.bytes
        )
        select
            account_id, time / 86400000 as "day!", outcome,
            count(*) filter (where result = 'unreachable') as "unsent!",
            coalesce(sum(bytes), 0)::bigint as "bytes_out!"
        from ended
        group by 1, 2, 3
        "#,
        &accounts,
        &ids,
        &results as _,
        &statuses as _,
        &bytes,
        &times,
        ids.first(),
        ids.last()
    )
    .fetch_all(connection)
    .await?;
    for row in ended {
        let delta = UsageDelta { unsent: row.unsent, bytes_out: row.bytes_out, ..UsageDelta::default() };
        usage.add_to_day(row.account_id, row.day, &row.outcome, delta);
    }
    Ok(())
}
