//! What accounts did, day by day: added up as the log is written, and never counted from it.

use async_trait::async_trait;
use chrono::NaiveDate;
use ostiary_model::{AccountId, UsageDay};

use crate::StorageError;

/// Reads sums of the log.
#[async_trait]
pub trait ReadUsage {
    /// The days of an account from `first` to `last`, both included, that have calls; by day and outcome.
    async fn list_usage(
        &self,
        account_id: AccountId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<UsageDay>, StorageError>;
}
