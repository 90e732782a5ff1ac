//! The task of one shard.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ostiary_model::Decision;
use ostiary_storage::{DecisionLog, LogBatch, StorageError};
use redis::Value;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::redis::drain::DrainConfig;
use crate::redis::link::LinkError;
use crate::redis::record::{Entry, entries, read_entry};
use crate::redis::script::{LEAVE, READ, REMOVE};
use crate::redis::value::{list, number, text};
use crate::redis::{RedisEpochs, Shard};

/// The pause after something went wrong.
const PAUSE: Duration = Duration::from_millis(500);

/// The least time between two alarms.
const ALARM_PAUSE: Duration = Duration::from_secs(10);

/// How often a record that the log refuses is tried before it is set aside.
const ATTEMPTS: u32 = 5;

/// Moves the records of one shard while it holds it.
#[derive(Debug)]
pub(super) struct Mover {
    epochs: Arc<RedisEpochs>,
    shard: Shard,
    log: Arc<dyn DecisionLog>,
    config: DrainConfig,
    holder: String,
    waiting: Arc<AtomicU64>,
    alarmed: Option<Instant>,
    /// By id in the stream, how often the log refused a record.
    refused: HashMap<String, u32>,
}

/// What a look at the shard came to.
enum Looked {
    /// Another process has it.
    Held,
    /// There is nothing to move.
    Empty,
    /// All that there was is moved.
    Moved,
    /// A full batch is moved; there may be more.
    Full,
}

/// Why records could not be moved now.
#[derive(Debug, thiserror::Error)]
enum MoveError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("the log does not take records")]
    Log(#[from] StorageError),
    #[error("the log took too long")]
    Late,
    #[error("a record is refused by the log")]
    Refused,
}

impl Mover {
    pub(super) fn new(
        epochs: Arc<RedisEpochs>,
        shard: Shard,
        log: Arc<dyn DecisionLog>,
        config: DrainConfig,
        holder: String,
        waiting: Arc<AtomicU64>,
    ) -> Self {
        Self { epochs, shard, log, config, holder, waiting, alarmed: None, refused: HashMap::new() }
    }

    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let pause = match self.look().await {
                Ok(Looked::Full) => continue,
                Ok(Looked::Moved) => self.config.gather,
                Ok(Looked::Empty) => self.config.idle,
                Ok(Looked::Held) => self.config.hold / 4,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        shard = self.shard.number(),
                        "records of calls could not be moved"
                    );
                    PAUSE
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = sleep(pause) => {}
            }
        }
        let leave = LEAVE.on(vec![self.epochs.keys.holder(self.shard)]).with(&self.holder);
        // Not heard, the shard is free when its time is over.
        drop(self.epochs.link.run(&leave).await);
    }

    /// Moves one batch.
    async fn look(&mut self) -> Result<Looked, MoveError> {
        let keys = &self.epochs.keys;
        let call = READ
            .on(vec![
                keys.holder(self.shard),
                keys.records(self.shard),
                keys.time(self.shard),
                keys.since(self.shard),
                keys.beginning(self.shard),
            ])
            .with(&self.holder)
            .with(self.config.hold.as_millis())
            .with(self.config.batch)
            .with(self.epochs.given_ms.text());
        let answer = self.epochs.link.run(&call).await?;
        let parts = list(&answer).ok_or(LinkError::Answer)?;
        let waiting = parts.get(1).and_then(number).ok_or(LinkError::Answer)?;
        self.notice(waiting);
        let (history, found) = match parts {
            [_, _] => return Ok(Looked::Held),
            [_, _, history, found, is_empty] => {
                if number(is_empty) == Some(1_i64) {
                    tracing::info!(shard = self.shard.number(), "Redis holds no counters: they begin now");
                }
                (text(history).ok_or(LinkError::Answer)?, found)
            }
            _ => return Err(LinkError::Answer.into()),
        };
        let found = entries(found).ok_or(LinkError::Answer)?;
        if found.is_empty() {
            return Ok(Looked::Empty);
        }
        let moved = if found.len() < self.config.batch { Looked::Moved } else { Looked::Full };
        let (mut done, mut aside, mut read) = (Vec::new(), Vec::new(), Vec::new());
        for (id, fields) in found {
            match read_entry(fields) {
                Ok(entry) => read.push((id, entry)),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        shard = self.shard.number(),
                        entry = id,
                        "a record of a call cannot be read and is set aside"
                    );
                    aside.push(id);
                }
            }
        }
        let is_refused = self.commit(&read, &mut done, &mut aside).await?;
        self.remove(history, &done, &aside).await?;
        if is_refused { Err(MoveError::Refused) } else { Ok(moved) }
    }

    /// Writes records to the log: together, or one by one where the log refuses one of them. Answers whether some are
    /// refused, and are to be tried again.
    async fn commit<'a>(
        &mut self,
        read: &[(&'a str, Entry)],
        done: &mut Vec<&'a str>,
        aside: &mut Vec<&'a str>,
    ) -> Result<bool, MoveError> {
        match self.write(read).await {
            Ok(()) => {
                done.extend(read.iter().map(|(id, _)| *id));
                return Ok(false);
            }
            Err(error @ (MoveError::Log(StorageError::Unavailable(_)) | MoveError::Late)) => return Err(error),
            Err(_) => {}
        }
        let mut is_refused = false;
        for one in read {
            match self.write(std::slice::from_ref(one)).await {
                Ok(()) => {
                    self.refused.remove(one.0);
                    done.push(one.0);
                }
                Err(MoveError::Log(error)) if !matches!(error, StorageError::Unavailable(_)) => {
                    let attempts = self.refused.entry(one.0.to_owned()).or_default();
                    *attempts += 1;
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        shard = self.shard.number(),
                        entry = one.0,
                        attempts = *attempts,
                        "the log refuses a record of a call"
                    );
                    if *attempts >= ATTEMPTS {
                        self.refused.remove(one.0);
                        aside.push(one.0);
                    } else {
                        is_refused = true;
                    }
                }
                // What is done so far is done again: the log keeps it once.
                Err(error) => return Err(error),
            }
        }
        Ok(is_refused)
    }

    async fn write(&self, read: &[(&str, Entry)]) -> Result<(), MoveError> {
        let mut batch = LogBatch::default();
        for (_, entry) in read {
            match entry {
                Entry::Decision(decision) => batch.decisions.push(Decision::clone(decision)),
                Entry::Ending(one) => batch.endings.push((one.account, one.id, one.ending.clone())),
            }
        }
        if batch.decisions.is_empty() && batch.endings.is_empty() {
            return Ok(());
        }
        // Half the time that the shard is ours, so that another does not begin while we are at it.
        timeout(self.config.hold / 2, self.log.commit(&batch))
            .await
            .map_err(|_| MoveError::Late)?
            .map_err(MoveError::Log)
    }

    async fn remove(&self, history: &str, done: &[&str], aside: &[&str]) -> Result<(), MoveError> {
        let keys = &self.epochs.keys;
        let mut call = REMOVE
            .on(vec![keys.holder(self.shard), keys.records(self.shard), keys.set_aside(self.shard)])
            .with(&self.holder)
            .with(self.config.hold.as_millis())
            .with(history)
            .with(done.len());
        for id in done.iter().chain(aside) {
            call.arg(id);
        }
        let answer = self.epochs.link.run(&call).await?;
        if matches!(answer, Value::Int(0)) {
            tracing::warn!(shard = self.shard.number(), "records of calls were moved by somebody else meanwhile");
        }
        Ok(())
    }

    fn notice(&mut self, waiting: u64) {
        self.waiting.store(waiting, Ordering::Relaxed);
        if waiting < self.config.alarm || self.alarmed.is_some_and(|at| at.elapsed() < ALARM_PAUSE) {
            return;
        }
        self.alarmed = Some(Instant::now());
        tracing::error!(
            shard = self.shard.number(),
            waiting,
            "records of calls wait to be written: calls will be refused"
        );
    }
}
