//! The slots of counters beside the log.

use std::collections::BTreeMap;
use std::time::Duration;

use ostiary_model::AccountId;
use ostiary_storage::{SlotDelta, StorageError, StoredSlot};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::storage_error;
use crate::store::PgStore;
use crate::within::Within as _;

mod change;

use self::change::Change;

/// The advisory lock of whoever writes slots: `ostislot` in ASCII.
const WRITER: i64 = 0x6f73_7469_736c_6f74;

/// Adds differences to their slots, in the order in which they stand.
pub(super) async fn apply(
    connection: &mut PgConnection,
    deltas: &[SlotDelta],
    patience: Duration,
) -> Result<(), StorageError> {
    let mut changes: BTreeMap<(Uuid, &str, i64), Change> = BTreeMap::new();
    for delta in deltas {
        let key = (*delta.account_id.as_uuid(), delta.key.as_str(), delta.slot);
        changes.entry(key).or_default().add(delta).map_err(|error| StorageError::Other(error.into()))?;
    }
    // Only the process that counts writes slots. Its batches take turns here, so that none finds another's rows locked.
    sqlx::query!("select pg_advisory_xact_lock($1)", WRITER)
        .fetch_one(&mut *connection)
        .within(patience)
        .await
        .map_err(storage_error)?;
    make(connection, &changes).within(patience).await.map_err(storage_error)?;
    change_all(connection, &changes).within(patience).await.map_err(storage_error)
}

/// Makes the slots that are not there yet, empty.
async fn make(connection: &mut PgConnection, changes: &BTreeMap<(Uuid, &str, i64), Change>) -> Result<(), sqlx::Error> {
    let made = || changes.iter().filter(|(_, change)| change.makes);
    let accounts: Vec<Uuid> = made().map(|((account_id, _, _), _)| *account_id).collect();
    let keys: Vec<&str> = made().map(|((_, key, _), _)| *key).collect();
    let slots: Vec<i64> = made().map(|((_, _, slot), _)| *slot).collect();
    let expiries: Vec<i64> = made().map(|(_, change)| change.expires_ms).collect();
    let times: Vec<i64> = made().map(|(_, change)| change.last_ms).collect();
    sqlx::query!(
        r#"
        insert into counter_slots (account_id, key, slot, amount_micros, last_ms, expires_ms)
        select account_id, key, slot, 0, last_ms, expires_ms
        from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
            as made (account_id, key, slot, last_ms, expires_ms)
        on conflict (account_id, key, slot) do nothing
        "#,
        &accounts,
        &keys as _,
        &slots,
        &times,
        &expiries
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Changes the slots that are there.
async fn change_all(
    connection: &mut PgConnection,
    changes: &BTreeMap<(Uuid, &str, i64), Change>,
) -> Result<(), sqlx::Error> {
    let accounts: Vec<Uuid> = changes.keys().map(|(account_id, _, _)| *account_id).collect();
    let keys: Vec<&str> = changes.keys().map(|(_, key, _)| *key).collect();
    let slots: Vec<i64> = changes.keys().map(|(_, _, slot)| *slot).collect();
    let added: Vec<i64> = changes.values().map(|change| change.added).collect();
    let floors: Vec<i64> = changes.values().map(|change| change.floor).collect();
    let times: Vec<i64> = changes.values().map(|change| change.last_ms).collect();
    let expiries: Vec<i64> = changes.values().map(|change| change.expires_ms).collect();
    sqlx::query!(
        r#"
        update counter_slots s set
            amount_micros = greatest(s.amount_micros + c.added, c.floor),
            last_ms = greatest(s.last_ms, c.last_ms),
            expires_ms = greatest(s.expires_ms, c.expires_ms)
        from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
            as c (account_id, key, slot, added, floor, last_ms, expires_ms)
        where s.account_id = c.account_id and s.key = c.key collate "C" and s.slot = c.slot
        "#,
        &accounts,
        &keys as _,
        &slots,
        &added,
        &floors,
        &times,
        &expiries
    )
    .execute(connection)
    .await
    .map(drop)
}

/// The slots of all accounts that still count.
pub(super) async fn load(store: &PgStore, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
    let rows = sqlx::query!(
        r#"
        select account_id, key, slot, amount_micros, last_ms, expires_ms
        from counter_slots
        where expires_ms > $1
        "#,
        now_ms
    )
    .fetch_all(&store.log)
    .within(store.patience)
    .await
    .map_err(storage_error)?;
    let slots = rows.into_iter().map(|row| StoredSlot {
        account_id: AccountId::from_uuid(row.account_id),
        key: row.key,
        slot: row.slot,
        amount_micros: row.amount_micros,
        last_ms: row.last_ms,
        expires_ms: row.expires_ms,
    });
    Ok(slots.collect())
}

/// Removes the slots of all accounts that count no more.
pub(super) async fn sweep(store: &PgStore, now_ms: i64) -> Result<u64, StorageError> {
    sqlx::query!("delete from counter_slots where expires_ms <= $1", now_ms)
        .execute(&store.log)
        .within(store.patience)
        .await
        .map(|result| result.rows_affected())
        .map_err(storage_error)
}
