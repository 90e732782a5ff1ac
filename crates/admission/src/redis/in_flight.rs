//! How many calls of an account are in flight, asked by whoever shares its Redis.

use ostiary_model::AccountId;
use tokio::time::timeout;

use crate::admission::InFlightError;
use crate::quota;
use crate::redis::script::IN_FLIGHT;
use crate::redis::{RedisConfig, RedisEpochs, value};

impl RedisEpochs {
    /// As [`Admission::calls_in_flight`], for processes that admit no calls themselves; those that do have these bounds.
    ///
    /// # Errors
    ///
    /// When Redis does not answer, or has lost its counters and not yet heard of the calls that were in flight.
    ///
    /// [`Admission::calls_in_flight`]: crate::Admission::calls_in_flight
    pub async fn calls_in_flight(&self, account_id: AccountId, bounds: &RedisConfig) -> Result<u64, InFlightError> {
        let shard = self.keys.shard(account_id);
        let counter = self.keys.counter(shard, quota::at_once(account_id));
        // Its id begins with when it was made, in milliseconds since the Unix epoch.
        let made_ms = account_id.as_uuid().as_u128() >> 80;
        let call = IN_FLIGHT
            .on(vec![self.keys.time(shard), self.keys.since(shard), counter])
            .with(self.given_ms.text())
            .with(made_ms)
            .with(bounds.lease.as_millis());
        match timeout(bounds.patience, self.link.run(&call)).await {
            Ok(Ok(answer)) => value::number(&answer).ok_or(InFlightError),
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Redis does not say how many calls are in flight"
                );
                Err(InFlightError)
            }
            Err(_) => Err(InFlightError),
        }
    }
}
