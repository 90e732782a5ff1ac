//! What an admitted call holds in Redis until it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ostiary_counters::Release;
use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, DecisionId};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::permit::Settle;
use crate::redis::RedisEpochs;
use crate::redis::charge::{self, Taken};
use crate::redis::keys::Shard;
use crate::redis::script::RENEW;
use crate::redis::settlement::{Settlement, Settlements};
use crate::redis::value::{list, number};

/// Leases in one run of the script.
const BATCH: usize = 128;

/// A call's share of the counters. It ends by being settled, which its permit makes sure of.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) account_id: AccountId,
    pub(super) decision_id: DecisionId,
    /// The history of the data in which it was taken.
    pub(super) history: String,
    pub(super) taken: Vec<Taken>,
    pub(super) settlements: Settlements,
    pub(super) leases: Arc<Leases>,
}

/// The leases of this process's calls in flight.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashMap<DecisionId, (Shard, Vec<String>)>>);

impl Settle for Hold {
    fn settle(self: Box<Self>, release: Release, ending: Option<Ending>) {
        let (shares, leases) = charge::give_back(self.taken, release);
        if !leases.is_empty() {
            self.leases.lock().remove(&self.decision_id);
        }
        if ending.is_some() || !shares.is_empty() || !leases.is_empty() {
            self.settlements.send(Settlement {
                account_id: self.account_id,
                decision_id: self.decision_id,
                ending,
                history: self.history,
                shares,
                leases,
                since: Instant::now(),
            });
        }
    }
}

impl Leases {
    pub(super) fn hold(&self, shard: Shard, decision_id: DecisionId, taken: &[Taken]) {
        let keys = taken.iter().filter_map(|one| match one {
            Taken::Lease { key } => Some(key.clone()),
            Taken::Slot { .. } => None,
        });
        let keys: Vec<String> = keys.collect();
        if !keys.is_empty() {
            self.lock().insert(decision_id, (shard, keys));
        }
    }

    /// Renews until `shutdown`, three times in the length of a lease.
    pub(super) async fn run(self: Arc<Self>, epochs: Arc<RedisEpochs>, lease: Duration, shutdown: CancellationToken) {
        let mut tick = interval(lease / 3);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = tick.tick() => self.renew(&epochs, lease).await,
            }
        }
    }

    async fn renew(&self, epochs: &RedisEpochs, lease: Duration) {
        let mut by_shard: HashMap<Shard, Vec<(String, String)>> = HashMap::new();
        for (decision_id, (shard, keys)) in self.lock().iter() {
            let held = keys.iter().map(|key| (key.clone(), charge::holder(*decision_id)));
            by_shard.entry(*shard).or_default().extend(held);
        }
        for (shard, held) in by_shard {
            for batch in held.chunks(BATCH) {
                let mut call = RENEW.on(vec![epochs.keys.time(shard), epochs.keys.since(shard)]);
                call.arg(epochs.given_ms.text());
                call.arg(lease.as_millis());
                for (key, holder) in batch {
                    call.key(key.clone());
                    call.arg(holder);
                }
                match epochs.link.run(&call).await {
                    Ok(answer) => {
                        let ended = list(&answer).unwrap_or_default().iter().filter(|one| number(one) == Some(0_i64));
                        let ended = ended.count();
                        // Those that have just been settled are among them.
                        tracing::debug!(ended, renewed = batch.len() - ended, "leases of calls in flight renewed");
                    }
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            leases = batch.len(),
                            "leases of calls in flight could not be renewed"
                        );
                    }
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<DecisionId, (Shard, Vec<String>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
