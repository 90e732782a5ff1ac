//! Asking the path of a call how much is on it.

use async_trait::async_trait;
use ostiary_model::AccountId;

/// Says how many calls are in flight.
#[async_trait]
pub trait CallsInFlight: std::fmt::Debug + Send + Sync {
    /// How many calls of an account are in flight, over all replicas, where its plan limits them; none while nobody can
    /// say. Answers soon either way.
    async fn calls_in_flight(&self, account_id: AccountId) -> Option<u64>;
}
