//! What accounts did, day by day.

use async_trait::async_trait;
use chrono::NaiveDate;
use ostiary_model::{AccountId, UsageDay};
use ostiary_storage::usage::{day_number, day_of_number};
use ostiary_storage::{ReadUsage, StorageError};

use crate::error::storage_error;
use crate::row::Place;
use crate::store::SqliteStore;

#[async_trait]
impl ReadUsage for SqliteStore {
    async fn list_usage(
        &self,
        account_id: AccountId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<UsageDay>, StorageError> {
        let id = account_id.as_uuid();
        let first = day_number(first);
        let last = day_number(last);
        let rows = sqlx::query!(
            r#"
            select day, outcome, calls, unsent, bytes_in, bytes_out
            from usage_days
            where account_id = ?1 and day >= ?2 and day <= ?3
            order by day, outcome
            "#,
            id,
            first,
            last
        )
        .fetch_all(&self.readers)
        .await
        .map_err(storage_error)?;
        let place = Place::new("usage_days", account_id);
        rows.into_iter()
            .map(|row| {
                Ok(UsageDay {
                    day: day_of_number(row.day).ok_or_else(|| place.broken("day"))?,
                    outcome: place.parse("outcome", &row.outcome)?,
                    calls: row.calls,
                    unsent: row.unsent,
                    bytes_in: row.bytes_in,
                    bytes_out: row.bytes_out,
                })
            })
            .collect()
    }
}
