//! The slots of counters beside the log.

use ostiary_model::AccountId;
use ostiary_storage::{SlotDelta, StorageError, StoredSlot};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::error::storage_error;
use crate::store::SqliteStore;

/// Adds a difference to its slot.
pub(super) async fn apply(connection: &mut SqliteConnection, delta: &SlotDelta) -> Result<(), StorageError> {
    let account_id = delta.account_id.as_uuid();
    if delta.delta_micros > 0 {
        sqlx::query!(
            r#"
            insert into counter_slots (account_id, key, slot, amount_micros, last_ms, expires_ms)
            values (?, ?, ?, ?, ?, ?)
            on conflict (account_id, key, slot) do update set
                amount_micros = amount_micros + excluded.amount_micros,
                last_ms = max(last_ms, excluded.last_ms),
                expires_ms = max(expires_ms, excluded.expires_ms)
            "#,
            account_id,
            delta.key,
            delta.slot,
            delta.delta_micros,
            delta.last_ms,
            delta.expires_ms
        )
        .execute(connection)
        .await
    } else {
        sqlx::query!(
            r#"
            update counter_slots set
                amount_micros = max(amount_micros + ?, 0),
                last_ms = max(last_ms, ?),
                expires_ms = max(expires_ms, ?)
            where account_id = ? and key = ? and slot = ?
            "#,
            delta.delta_micros,
            delta.last_ms,
            delta.expires_ms,
            account_id,
            delta.key,
            delta.slot
        )
        .execute(connection)
        .await
    }
    .map(drop)
    .map_err(storage_error)
}

/// The slots of all accounts that still count.
pub(super) async fn load(store: &SqliteStore, now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
    let rows = sqlx::query!(
        r#"
        select account_id as "account_id: Uuid", key, slot as "slot!", amount_micros, last_ms, expires_ms
        from counter_slots
        where expires_ms > ?
        "#,
        now_ms
    )
    .fetch_all(&store.readers)
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
pub(super) async fn sweep(store: &SqliteStore, now_ms: i64) -> Result<u64, StorageError> {
    let mut tx = store.begin_write().await?;
    let result = sqlx::query!("delete from counter_slots where expires_ms <= ?", now_ms)
        .execute(&mut *tx)
        .await
        .map_err(storage_error)?;
    tx.commit().await.map_err(storage_error)?;
    Ok(result.rows_affected())
}
