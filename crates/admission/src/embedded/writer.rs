//! The one task that writes to the log: records in group commits, ends of calls beside them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ostiary_counters::MemoryCounters;
use ostiary_model::decision::Outcome;
use ostiary_model::{Clock, Decision};
use ostiary_storage::{DecisionLog, LogBatch, StorageError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::admission::AdmissionError;
use crate::embedded::EmbeddedConfig;
use crate::embedded::batch::SlotDeltas;
use crate::embedded::hold::Hold;
use crate::embedded::settlement::Settlement;
use crate::permit::Permit;

/// Ends of calls in one transaction: records wait no longer than it takes.
const ENDINGS_BATCH: usize = 1_000;

/// How long ends of calls wait after the log was unavailable.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// How often the last ends of calls are tried before the process stops.
const LAST_ATTEMPTS: usize = 3;

/// A record on its way to the log, with what its call holds and who waits for it.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) decision: Decision,
    pub(super) hold: Hold,
    /// Gets a permit if the call may be forwarded, once the record is durable.
    pub(super) done: oneshot::Sender<Result<Option<Permit>, AdmissionError>>,
}

/// The task's state.
#[derive(Debug)]
pub(super) struct Writer {
    log: Arc<dyn DecisionLog>,
    clock: Arc<dyn Clock>,
    counters: Arc<MemoryCounters>,
    appends: mpsc::Receiver<Append>,
    ended: mpsc::UnboundedReceiver<Settlement>,
    backlog: Arc<AtomicUsize>,
    /// Ends of calls that are to be written at `flush_at`.
    pending: VecDeque<Settlement>,
    flush_at: Option<Instant>,
    config: EmbeddedConfig,
}

impl Writer {
    pub(super) fn new(
        log: Arc<dyn DecisionLog>,
        clock: Arc<dyn Clock>,
        counters: Arc<MemoryCounters>,
        appends: mpsc::Receiver<Append>,
        ended: mpsc::UnboundedReceiver<Settlement>,
        backlog: Arc<AtomicUsize>,
        config: EmbeddedConfig,
    ) -> Self {
        Self { log, clock, counters, appends, ended, backlog, pending: VecDeque::new(), flush_at: None, config }
    }

    /// Writes until `shutdown`, then what is left.
    pub(super) async fn run(mut self, shutdown: CancellationToken) {
        let mut sweep = interval_at(Instant::now() + self.config.sweep, self.config.sweep);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut queue = Vec::with_capacity(self.config.batch);
        loop {
            let flush_at = self.flush_at;
            tokio::select! {
                () = shutdown.cancelled() => break,
                count = self.appends.recv_many(&mut queue, self.config.batch) => {
                    if count == 0 {
                        break;
                    }
                    self.append(&mut queue).await;
                }
                // The first end of a call starts the clock; those that follow are fetched when it has run out.
                Some(settlement) = self.ended.recv(), if flush_at.is_none() => {
                    self.pending.push_back(settlement);
                    self.flush_at = Some(Instant::now() + self.config.linger);
                }
                () = sleep_until(flush_at.unwrap_or_else(Instant::now)), if flush_at.is_some() => self.flush().await,
                _ = sweep.tick() => self.sweep().await,
            }
        }
        self.drain(queue).await;
    }

    /// Writes what was handed over before the end.
    async fn drain(&mut self, mut queue: Vec<Append>) {
        self.appends.close();
        while self.appends.recv_many(&mut queue, self.config.batch).await > 0 {
            self.append(&mut queue).await;
        }
        self.ended.close();
        let mut attempts = LAST_ATTEMPTS;
        loop {
            self.flush().await;
            if self.pending.is_empty() {
                return;
            }
            // A pause is asked for when the log was unavailable, and not when there simply was more than one batch.
            if self.flush_at.is_some_and(|at| at > Instant::now()) {
                attempts -= 1;
                if attempts == 0 {
                    break;
                }
                sleep(RETRY_PAUSE).await;
            }
        }
        tracing::error!(endings = self.pending.len(), "the ends of the last calls could not be written");
    }

    /// Writes records in one transaction, and tells those who wait.
    async fn append(&self, queue: &mut Vec<Append>) {
        let (mut decisions, mut waiting) = (Vec::with_capacity(queue.len()), Vec::with_capacity(queue.len()));
        for append in queue.drain(..) {
            waiting.push(Waiting { outcome: append.decision.outcome, hold: append.hold, done: append.done });
            decisions.push(append.decision);
        }
        let batch = batch_of(decisions, &waiting);
        match self.log.commit(&batch).await {
            Ok(()) => waiting.into_iter().for_each(Waiting::admit),
            Err(error @ StorageError::Unavailable(_)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    decisions = waiting.len(),
                    "records of calls could not be written"
                );
                waiting.into_iter().for_each(Waiting::refuse);
            }
            // One record may be what the log refuses; it must not cost the calls of others.
            Err(_) => {
                for (decision, waiting) in batch.decisions.into_iter().zip(waiting) {
                    self.append_alone(decision, waiting).await;
                }
            }
        }
    }

    async fn append_alone(&self, decision: Decision, waiting: Waiting) {
        let batch = batch_of(vec![decision], std::slice::from_ref(&waiting));
        match self.log.commit(&batch).await {
            Ok(()) => waiting.admit(),
            Err(error) => {
                let decision_id = batch.decisions.first().map(|decision| decision.id);
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    decision.id = ?decision_id,
                    "the record of a call could not be written"
                );
                waiting.refuse();
            }
        }
    }

    /// Writes one batch of ends of calls. Asks to be called again at `flush_at` while there are more.
    async fn flush(&mut self) {
        while let Ok(settlement) = self.ended.try_recv() {
            self.pending.push_back(settlement);
        }
        let count = self.pending.len().min(ENDINGS_BATCH);
        let mut settlements: Vec<Settlement> = self.pending.drain(..count).collect();
        self.flush_at = (!self.pending.is_empty()).then(Instant::now);
        if settlements.is_empty() {
            return;
        }
        let result = self.log.commit(&endings_of(&settlements)).await;
        if let Err(error) = result {
            // What was given back is written at most once: a commit whose outcome is unknown must not give it back
            // twice. Without it the slots stay as full in the log as they are there, which is the strict side.
            settlements.iter_mut().for_each(|settlement| settlement.changes.clear());
            settlements.retain(|settlement| settlement.ending.is_some());
            tracing::warn!(error = &error as &dyn std::error::Error, "ends of calls could not be written");
            if matches!(error, StorageError::Unavailable(_)) {
                self.count_down(count - settlements.len());
                for settlement in settlements.into_iter().rev() {
                    self.pending.push_front(settlement);
                }
                self.flush_at = Some(Instant::now() + RETRY_PAUSE);
                return;
            }
            for settlement in &settlements {
                if let Err(error) = self.log.commit(&endings_of(std::slice::from_ref(settlement))).await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        decision.id = %settlement.decision_id,
                        "the end of a call could not be written"
                    );
                }
            }
        }
        self.count_down(count);
    }

    fn count_down(&self, written: usize) {
        self.backlog.fetch_sub(written, Ordering::Relaxed);
    }

    /// Removes what no longer counts, in memory and in the log.
    async fn sweep(&self) {
        let now_ms = self.clock.now_ms();
        let counters = Arc::clone(&self.counters);
        // Looks at every counter: not on a thread that serves calls. Fails only when the process is ending.
        let _ = tokio::task::spawn_blocking(move || counters.sweep(now_ms)).await;
        if let Err(error) = self.log.sweep_slots(now_ms).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "old slots of counters could not be removed");
        }
    }
}

/// A call that waits for its record.
struct Waiting {
    outcome: Outcome,
    hold: Hold,
    done: oneshot::Sender<Result<Option<Permit>, AdmissionError>>,
}

impl Waiting {
    /// The record is durable. A permit that nobody takes any more is dropped, and so gives everything back.
    fn admit(self) {
        let permit = match self.outcome {
            Outcome::Allowed | Outcome::ShadowDenied | Outcome::AllowedUnmetered => {
                Some(Permit::new(self.hold.decision_id(), self.outcome, Box::new(self.hold)))
            }
            Outcome::Denied | Outcome::Held => None,
        };
        drop(self.done.send(Ok(permit)));
    }

    /// The record is not written. The hold is dropped first: whoever hears of it finds the counters as they were.
    fn refuse(self) {
        drop(self.hold);
        drop(self.done.send(Err(AdmissionError::LogUnavailable)));
    }
}

fn batch_of(decisions: Vec<Decision>, waiting: &[Waiting]) -> LogBatch {
    let mut slots = SlotDeltas::default();
    for one in waiting {
        slots.add(one.hold.account_id(), one.hold.changes());
    }
    LogBatch { decisions, endings: Vec::new(), slots: slots.into_vec() }
}

fn endings_of(settlements: &[Settlement]) -> LogBatch {
    let mut slots = SlotDeltas::default();
    let mut endings = Vec::with_capacity(settlements.len());
    for one in settlements {
        slots.add(one.account_id, one.changes.iter().copied());
        endings.extend(one.ending.clone().map(|ending| (one.account_id, one.decision_id, ending)));
    }
    LogBatch { decisions: Vec::new(), endings, slots: slots.into_vec() }
}
