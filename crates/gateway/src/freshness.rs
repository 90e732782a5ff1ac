//! The API's word to the data plane that an account changed, inside one process.

use std::sync::Arc;

use async_trait::async_trait;
use ostiary_admission::Epochs;
use ostiary_api::Freshness;
use ostiary_api::freshness::FreshnessError;
use ostiary_model::AccountId;

/// Moves the epochs that the data plane looks at.
#[derive(Debug)]
pub(crate) struct EpochFreshness(pub(crate) Arc<Epochs>);

#[async_trait]
impl Freshness for EpochFreshness {
    async fn advance(&self, account_id: AccountId) -> Result<(), FreshnessError> {
        self.0.advance(account_id);
        Ok(())
    }
}
