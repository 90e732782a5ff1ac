//! Ends of calls on their way to Redis.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ostiary_model::decision::Ending;
use ostiary_model::{AccountId, DecisionId};
use redis::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::redis::charge::holder;
use crate::redis::kept::{Kept, Written};
use crate::redis::link::LinkError;
use crate::redis::record::EndingRecord;
use crate::redis::script::{Call, SETTLE};
use crate::redis::value::{list, text};
use crate::redis::{RedisEpochs, Shard};

/// Ends of calls in one run of the script, which holds up the calls of its server.
const BATCH: usize = 64;

/// How long the first end waits for others.
const LINGER: Duration = Duration::from_millis(5);

/// How long a shard that could not be reached is left alone.
const PAUSE: Duration = Duration::from_millis(250);

/// How long it is known that a call has given back. Nothing is sent again that is older than half of it.
const MARK: Duration = Duration::from_secs(30 * 60);

/// How long the last ends are tried before the process stops.
const LAST: Duration = Duration::from_secs(5);

/// What is given back to one slot of one counter.
#[derive(Clone, Debug)]
pub(super) struct Share {
    pub(super) key: String,
    pub(super) slot: String,
    pub(super) micros: u64,
}

/// How one call ended.
#[derive(Clone, Debug)]
pub(super) struct Settlement {
    pub(super) account_id: AccountId,
    pub(super) decision_id: DecisionId,
    pub(super) ending: Option<Ending>,
    /// The history of the data in which the call took its shares.
    pub(super) history: String,
    pub(super) shares: Vec<Share>,
    pub(super) leases: Vec<String>,
    pub(super) since: Instant,
}

/// Where ends of calls are handed over. Bounded by the calls: no more are admitted while too many ends wait.
#[derive(Clone, Debug)]
pub(super) struct Settlements {
    sender: mpsc::UnboundedSender<Settlement>,
    backlog: Arc<AtomicUsize>,
}

/// The task that sends them, one batch of a shard at a time.
#[derive(Debug)]
pub(super) struct Settler {
    epochs: Arc<RedisEpochs>,
    kept: Arc<Kept>,
    ended: mpsc::UnboundedReceiver<Settlement>,
    backlog: Arc<AtomicUsize>,
    waiting: HashMap<Shard, VecDeque<Settlement>>,
    /// Shards with a batch under way, or to be left alone for a while.
    busy: HashSet<Shard>,
    sent: JoinSet<Sent>,
}

/// A batch that was sent.
#[derive(Debug)]
struct Sent {
    shard: Shard,
    batch: Vec<Settlement>,
    result: Result<Value, LinkError>,
}

impl Settlements {
    pub(super) fn start(epochs: Arc<RedisEpochs>, kept: Arc<Kept>) -> (Self, Settler) {
        let (sender, ended) = mpsc::unbounded_channel();
        let backlog = Arc::<AtomicUsize>::default();
        let settler = Settler {
            epochs,
            kept,
            ended,
            backlog: Arc::clone(&backlog),
            waiting: HashMap::new(),
            busy: HashSet::new(),
            sent: JoinSet::new(),
        };
        (Self { sender, backlog }, settler)
    }

    /// Hands over the end of a call. Never blocks. After shutdown it is not sent any more.
    pub(super) fn send(&self, settlement: Settlement) {
        self.backlog.fetch_add(1, Ordering::Relaxed);
        if self.sender.send(settlement).is_err() {
            self.backlog.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How many are handed over and not sent.
    pub(super) fn len(&self) -> usize {
        self.backlog.load(Ordering::Relaxed)
    }
}

impl Settler {
    /// Sends until `shutdown`, then what is left.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let mut flush_at: Option<Instant> = None;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                received = self.ended.recv() => match received {
                    Some(settlement) => {
                        self.push(settlement);
                        flush_at.get_or_insert_with(|| Instant::now() + LINGER);
                    }
                    None => break,
                },
                Some(sent) = self.sent.join_next() => {
                    self.finish(sent.ok());
                    flush_at = (!self.waiting.is_empty()).then(Instant::now);
                }
                () = sleep_until(flush_at.unwrap_or_else(Instant::now)), if flush_at.is_some() => {
                    flush_at = None;
                    self.flush();
                }
            }
        }
        self.ended.close();
        let deadline = Instant::now() + LAST;
        while let Some(settlement) = self.ended.recv().await {
            self.push(settlement);
        }
        self.flush();
        while let Ok(Some(sent)) = timeout_at(deadline, self.sent.join_next()).await {
            self.finish(sent.ok());
            self.flush();
        }
        let left = self.backlog.load(Ordering::Relaxed);
        if left > 0 {
            tracing::error!(endings = left, "the ends of the last calls could not be written");
        }
    }

    fn push(&mut self, settlement: Settlement) {
        self.waiting.entry(self.epochs.keys.shard(settlement.account_id)).or_default().push_back(settlement);
    }

    /// Sends a batch of every shard that is idle.
    fn flush(&mut self) {
        let busy = &self.busy;
        let idle: Vec<Shard> = self.waiting.keys().filter(|shard| !busy.contains(shard)).copied().collect();
        for shard in idle {
            let Some(queue) = self.waiting.get_mut(&shard) else { continue };
            let batch: Vec<Settlement> = queue.drain(..queue.len().min(BATCH)).collect();
            if queue.is_empty() {
                self.waiting.remove(&shard);
            }
            self.busy.insert(shard);
            let (link, call) = (Arc::clone(&self.epochs.link), self.call(shard, &batch));
            self.sent.spawn(async move {
                let result = link.run(&call).await;
                if result.is_err() {
                    tokio::time::sleep(PAUSE).await;
                }
                Sent { shard, batch, result }
            });
        }
    }

    fn finish(&mut self, sent: Option<Sent>) {
        let Some(Sent { shard, batch, result }) = sent else { return };
        self.busy.remove(&shard);
        let count = batch.len();
        let error = match result {
            Ok(answer) => {
                self.keep(shard, batch, &answer);
                self.backlog.fetch_sub(count, Ordering::Relaxed);
                return;
            }
            Err(error) => error,
        };
        tracing::warn!(error = &error as &dyn std::error::Error, endings = count, "ends of calls could not be sent");
        let (again, old): (Vec<_>, Vec<_>) = batch.into_iter().partition(|one| one.since.elapsed() < MARK / 2);
        if !old.is_empty() {
            tracing::error!(endings = old.len(), "ends of calls are lost: what they gave back stays charged");
            self.backlog.fetch_sub(old.len(), Ordering::Relaxed);
        }
        if !again.is_empty() {
            let queue = self.waiting.entry(shard).or_default();
            for settlement in again.into_iter().rev() {
                queue.push_front(settlement);
            }
        }
    }

    /// Keeps how calls ended until it is in the log, each under the id of the last of them.
    fn keep(&self, shard: Shard, batch: Vec<Settlement>, answer: &Value) {
        let Some([_, history, last]) = list(answer) else { return };
        let (Some(history), Some(last)) = (text(history), text(last)) else { return };
        for one in batch {
            if let Some(ending) = one.ending {
                let ending = EndingRecord { account: one.account_id, id: one.decision_id, ending };
                self.kept.push(shard, history, last, Written::Ending(ending));
            }
        }
    }

    fn call(&self, shard: Shard, batch: &[Settlement]) -> Call {
        let keys = &self.epochs.keys;
        let mut call = SETTLE.on(vec![keys.records(shard), keys.beginning(shard)]);
        call.arg(MARK.as_millis());
        call.arg(batch.len());
        for one in batch {
            call.arg(holder(one.decision_id));
            call.arg(one.ending_text());
            call.arg(one.shares.len());
            call.arg(one.leases.len());
            if !one.shares.is_empty() {
                call.key(keys.settled(shard, one.decision_id));
                call.arg(&one.history);
            }
            for share in &one.shares {
                call.key(share.key.clone());
                call.arg(&share.slot);
                call.arg(share.micros);
            }
            for key in &one.leases {
                call.key(key.clone());
            }
        }
        call
    }
}

impl Settlement {
    /// The ending as it travels; empty where there is none.
    fn ending_text(&self) -> String {
        let Some(ending) = self.ending.clone() else { return String::new() };
        let record = EndingRecord { account: self.account_id, id: self.decision_id, ending };
        // Numbers and words only: it can always be written.
        serde_json::to_string(&record).unwrap_or_default()
    }
}
