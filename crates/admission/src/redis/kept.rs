//! Records that Redis has acknowledged, kept until they are known to be in the log.
//!
//! Redis may lose what it acknowledged: a server that is failed over, restarted empty, or restarted with an old copy of
//! its data. Each process therefore keeps what was acknowledged to it. Once a second it asks each shard how far its
//! records have been moved, and forgets those. When what a shard holds has begun anew, or does not answer for a while,
//! the process writes what it keeps to the log itself; a record that is written twice is there once, by its id.

mod part;
mod rescue;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ostiary_storage::DecisionLog;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::redis::kept::part::{Beginning, Part, RecordId};
use crate::redis::link::LinkError;
use crate::redis::script::KEPT;
use crate::redis::value::{list, text};
use crate::redis::{RedisEpochs, Shard};

pub(super) use self::part::Written;

/// How often shards are asked how far they are.
const EVERY: Duration = Duration::from_secs(1);

/// How long a shard may be silent before its records are written past it.
const SILENCE: Duration = Duration::from_secs(5);

/// How long the last records are tried before the process stops.
const LAST: Duration = Duration::from_secs(5);

/// What this process keeps of all shards.
#[derive(Debug)]
pub(super) struct Kept {
    epochs: Arc<RedisEpochs>,
    log: Arc<dyn DecisionLog>,
    parts: Vec<Mutex<Part>>,
    bytes: AtomicUsize,
}

impl Kept {
    pub(super) fn new(epochs: Arc<RedisEpochs>, log: Arc<dyn DecisionLog>) -> Self {
        let parts = epochs.keys.shards().map(|_| Mutex::default()).collect();
        Self { epochs, log, parts, bytes: AtomicUsize::new(0) }
    }

    /// About how much memory they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Keeps what was acknowledged in a history of a shard, under an id that is none only in an answer that is no answer.
    pub(super) fn push(&self, shard: Shard, history: &str, id: &str, written: Written) {
        let (Some(id), Some(mut part)) = (RecordId::parse(id), self.part(shard)) else { return };
        self.bytes.fetch_add(part.push(history, id, written), Ordering::Relaxed);
    }

    /// Whether what a shard holds began otherwise than this process knows.
    pub(super) fn is_news(&self, shard: Shard, beginning: &str) -> bool {
        self.part(shard).is_some_and(|part| part.is_news(beginning))
    }

    /// Asks a shard how far its records are, and says what this process has seen of it.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub(super) async fn look(&self, shard: Shard) -> Result<(), LinkError> {
        let keys = &self.epochs.keys;
        let Some((begun, newest)) = self.part(shard).map(|part| part.seen()) else { return Ok(()) };
        let call = KEPT
            .on(vec![keys.beginning(shard), keys.records(shard), keys.since(shard), keys.time(shard)])
            .with(begun)
            .with(newest)
            .with(self.epochs.given_ms.text());
        let answer = self.epochs.link.run(&call).await?;
        let [begun, first, last] = list(&answer).ok_or(LinkError::Answer)? else { return Err(LinkError::Answer) };
        let begun = Beginning::parse(text(begun).ok_or(LinkError::Answer)?).ok_or(LinkError::Answer)?;
        let last = text(last).and_then(RecordId::parse).ok_or(LinkError::Answer)?;
        let first = text(first).ok_or(LinkError::Answer)?;
        let is_old = begun.is_old;
        let Some(mut part) = self.part(shard) else { return Ok(()) };
        let (is_other, freed) = part.heard(begun, RecordId::parse(first), last);
        self.bytes.fetch_sub(freed, Ordering::Relaxed);
        if is_other {
            let (records, shard) = (part.orphans.len(), shard.number());
            drop(part);
            if is_old {
                tracing::error!(shard, records, "Redis was given an old copy of its data: open windows are refused");
            } else {
                tracing::warn!(
                    shard,
                    records,
                    "what Redis holds has begun anew: what it may have lost is written again"
                );
            }
        }
        Ok(())
    }

    /// Looks at all shards until `shutdown`, and writes what may be lost.
    pub(super) async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = tick.tick() => {
                    self.look_at_all(SILENCE).await;
                    rescue::rescue(&self).await;
                }
            }
        }
        // What Redis holds is moved by others; what it may have lost is written by nobody else.
        let last = async {
            self.look_at_all(Duration::ZERO).await;
            rescue::rescue(&self).await;
        };
        let _late = timeout(LAST, last).await;
        let left: usize = self.epochs.keys.shards().filter_map(|shard| Some(self.part(shard)?.orphans.len())).sum();
        if left > 0 {
            tracing::error!(records = left, "records of calls that Redis may have lost could not be written");
        }
    }

    /// Looks at every shard that this process has used. Records of one that was silent for `silence` are given up on.
    async fn look_at_all(self: &Arc<Self>, silence: Duration) {
        let used = self.epochs.keys.shards().filter(|shard| self.part(*shard).is_some_and(|part| part.is_used()));
        let mut looks = JoinSet::new();
        for shard in used {
            let kept = Arc::clone(self);
            looks.spawn(async move { (shard, kept.look(shard).await) });
        }
        while let Some(Ok((shard, looked))) = looks.join_next().await {
            let Some(mut part) = self.part(shard) else { continue };
            match looked {
                Ok(()) => part.silent_since = None,
                Err(error) => {
                    let since = *part.silent_since.get_or_insert_with(Instant::now);
                    let records = if since.elapsed() >= silence { part.give_up() } else { 0 };
                    drop(part);
                    if records > 0 {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            shard = shard.number(),
                            records,
                            "Redis does not answer: the records it has are written past it"
                        );
                    }
                }
            }
        }
    }

    fn part(&self, shard: Shard) -> Option<MutexGuard<'_, Part>> {
        self.parts.get(usize::from(shard.number())).map(|part| part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
