//! The days of accounts beside the log.

use ostiary_model::Decision;
use ostiary_model::decision::{Ending, EndingResult};
use ostiary_storage::StorageError;
use ostiary_storage::usage::{UsageDelta, UsageDeltas};
use sqlx::SqliteConnection;

use crate::error::storage_error;

/// Counts a record that was added.
pub(super) fn count(usage: &mut UsageDeltas, decision: &Decision) {
    let ending = decision.ending.as_ref().map(of_ending).unwrap_or_default();
    let delta = UsageDelta { calls: 1, bytes_in: decision.bytes_in, ..ending };
    let time_ms = decision.time.timestamp_millis();
    usage.add(*decision.account_id.as_uuid(), time_ms, decision.outcome.as_str(), delta);
}

/// What the end of a call adds.
pub(super) fn of_ending(ending: &Ending) -> UsageDelta {
    let unsent = i64::from(ending.result == EndingResult::Unreachable);
    UsageDelta { unsent, bytes_out: ending.bytes_out, ..UsageDelta::default() }
}

/// Adds what a batch is to the days of its accounts.
pub(super) async fn add(connection: &mut SqliteConnection, usage: &UsageDeltas) -> Result<(), StorageError> {
    for ((account_id, day, outcome), delta) in usage.rows() {
        sqlx::query!(
            r#"
            insert into usage_days (account_id, day, outcome, calls, unsent, bytes_in, bytes_out)
            values (?, ?, ?, ?, ?, ?, ?)
            on conflict (account_id, day, outcome) do update set
                calls = calls + excluded.calls, unsent = unsent + excluded.unsent,
                bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out
            "#,
            account_id,
            day,
            outcome,
            delta.calls,
            delta.unsent,
            delta.bytes_in,
            delta.bytes_out
        )
        .execute(&mut *connection)
        .await
        .map_err(storage_error)?;
    }
    Ok(())
}
