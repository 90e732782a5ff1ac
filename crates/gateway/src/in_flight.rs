//! The API's question to the counters, how many calls are in flight.

use std::sync::Arc;

use async_trait::async_trait;
use ostiary_admission::{Admission, RedisConfig, RedisEpochs};
use ostiary_api::CallsInFlight;
use ostiary_model::AccountId;

/// Asks the counters of the same process.
#[derive(Debug)]
pub(crate) struct OwnCalls(pub(crate) Arc<dyn Admission>);

#[async_trait]
impl CallsInFlight for OwnCalls {
    async fn calls_in_flight(&self, account_id: AccountId) -> Option<u64> {
        self.0.calls_in_flight(account_id).await.ok()
    }
}

/// Asks the counters that all replicas share.
#[derive(Debug)]
pub(crate) struct SharedCalls(pub(crate) Arc<RedisEpochs>, pub(crate) RedisConfig);

#[async_trait]
impl CallsInFlight for SharedCalls {
    async fn calls_in_flight(&self, account_id: AccountId) -> Option<u64> {
        self.0.calls_in_flight(account_id, &self.1).await.ok()
    }
}
