//! The API's word to the data plane that an account changed.

use std::sync::Arc;

use async_trait::async_trait;
use ostiary_admission::{Epochs, RedisEpochs};
use ostiary_api::Freshness;
use ostiary_api::freshness::{FreshnessError, NotPreparedError};
use ostiary_model::AccountId;

/// Moves the epochs that the data plane of the same process looks at.
#[derive(Debug)]
pub(crate) struct EpochFreshness(pub(crate) Arc<Epochs>);

#[async_trait]
impl Freshness for EpochFreshness {
    async fn advance(&self, account_id: AccountId) -> Result<(), FreshnessError> {
        self.0.advance(account_id);
        Ok(())
    }
}

/// Moves the epochs that all replicas look at.
#[derive(Debug)]
pub(crate) struct RedisFreshness(pub(crate) Arc<RedisEpochs>);

#[async_trait]
impl Freshness for RedisFreshness {
    async fn prepare(&self, account_id: AccountId) -> Result<(), NotPreparedError> {
        self.0.prepare(account_id).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "Redis cannot be told of a change; it is not made"
            );
            NotPreparedError
        })
    }

    async fn advance(&self, account_id: AccountId) -> Result<(), FreshnessError> {
        self.0.advance(account_id).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "Redis cannot be told of a change that is made");
            FreshnessError
        })
    }
}
