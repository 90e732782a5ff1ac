//! Moving records from the streams to the log.
//!
//! Any replica may do it, one at a time for each shard: whoever holds the shard's key, for as long as it keeps renewing
//! it. Should two ever move the same records, the log keeps each once, by its id. A record is removed from the stream
//! after it is in the log, by a script that checks that the shard is still held and its history still the same.

mod mover;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ostiary_storage::DecisionLog;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::redis::drain::mover::Mover;
use crate::redis::epochs::new_token;
use crate::redis::{RedisEpochs, Shard};

/// How records are moved.
#[derive(Clone, Copy, Debug)]
pub struct DrainConfig {
    /// Records in one transaction of the log. Those of calls and those of their ends count alike.
    pub batch: usize,
    /// The pause after a shard that had nothing.
    pub idle: Duration,
    /// The pause after a batch that was not full: more records in fewer transactions, and most ends with their calls.
    pub gather: Duration,
    /// How long a shard stays with a process that has died. Longer than a transaction of the log may take.
    pub hold: Duration,
    /// Records of a shard that may wait before it is an alarm. To be below the number at which calls are refused.
    pub alarm: u64,
}

impl Default for DrainConfig {
    fn default() -> Self {
        Self {
            batch: 1_000,
            idle: Duration::from_millis(100),
            gather: Duration::from_millis(20),
            hold: Duration::from_secs(15),
            alarm: 10_000,
        }
    }
}

/// The tasks of one process that move records.
#[derive(Debug)]
pub struct Drain {
    waiting: Vec<(Shard, Arc<AtomicU64>)>,
}

impl Drain {
    /// Starts one task for each shard, tracked by `tasks`, until `shutdown`; the shards are then given up at once.
    #[must_use]
    pub fn start(
        epochs: &Arc<RedisEpochs>,
        log: &Arc<dyn DecisionLog>,
        config: DrainConfig,
        tasks: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> Self {
        let holder = new_token();
        let start = |shard| {
            let waiting = Arc::<AtomicU64>::default();
            let mover =
                Mover::new(Arc::clone(epochs), shard, Arc::clone(log), config, holder.clone(), Arc::clone(&waiting));
            tasks.spawn(mover.run(shutdown.clone()));
            (shard, waiting)
        };
        Self { waiting: epochs.keys.shards().map(start).collect() }
    }

    /// How many records of each shard waited when it was last looked at; for a metric.
    pub fn waiting(&self) -> impl Iterator<Item = (Shard, u64)> {
        self.waiting.iter().map(|(shard, waiting)| (*shard, waiting.load(Ordering::Relaxed)))
    }
}
