//! Admission inside one process: counters in memory, records in group commits.
//!
//! A call first gets a place in the bounded queue of records, which is the back-pressure. From there to the queue is one
//! piece without an await: compare epochs, take the limits, hand the record over. It then waits for the commit. What the
//! call took travels with its record in a [`Hold`], which gives it back wherever the way ends early.

mod batch;
mod hold;
mod settlement;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ostiary_counters::{Capacity, CounterKey, MemoryCounters, Reservation, SlotState};
use ostiary_model::decision::Outcome;
use ostiary_model::{AccountId, Clock, Decision};
use ostiary_policy::{Denial, LimitPlan};
use ostiary_storage::{DecisionLog, StorageError, StoredSlot};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, AdmissionError, AdmissionRequest, AdmitOutcome, FreshnessError, InFlightError};
use crate::embedded::hold::Hold;
use crate::embedded::settlement::Settlements;
use crate::embedded::writer::{Append, Writer};
use crate::quota::{Quota, Refused};
use crate::{Epochs, Identity, quota, refusal};

/// How long a call counts as in flight when nobody ends it: for ever, because store and holder live and die together,
/// and a call that is dropped ends itself.
const LEASE_MS: u64 = u64::MAX;

/// The bounds of an [`EmbeddedAdmission`].
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedConfig {
    /// Records that may wait to be written; further calls wait for a place.
    pub queue: usize,
    /// Records in one commit.
    pub batch: usize,
    /// Ends of calls that may wait to be written; beyond them calls are refused.
    pub endings: usize,
    /// How long a call waits for its record to be written.
    pub patience: Duration,
    /// How long the end of a call may wait for others to be written with it.
    pub linger: Duration,
    /// How often slots that no longer count are removed.
    pub sweep: Duration,
    /// How many counters are kept.
    pub capacity: Capacity,
}

impl Default for EmbeddedConfig {
    fn default() -> Self {
        Self {
            queue: 1024,
            batch: 256,
            endings: 100_000,
            patience: Duration::from_secs(10),
            linger: Duration::from_millis(50),
            sweep: Duration::from_secs(60),
            capacity: Capacity::default(),
        }
    }
}

/// Admission inside one process.
#[derive(Debug)]
pub struct EmbeddedAdmission {
    counters: Arc<MemoryCounters>,
    epochs: Arc<Epochs>,
    clock: Arc<dyn Clock>,
    appends: mpsc::Sender<Append>,
    settlements: Settlements,
    config: EmbeddedConfig,
}

/// What the limits say of a call.
enum Verdict {
    /// Nothing was to be taken.
    Unlimited,
    /// Everything was taken.
    Taken(Reservation),
    /// They refuse it; if it is forwarded all the same, with what its account's plan counts.
    Refused(Denial, Option<Reservation>),
    /// The plan of its account refuses it.
    OverQuota(Denial),
}

impl EmbeddedAdmission {
    /// Loads the counters' slots and starts the writer, tracked by `tasks`.
    ///
    /// Cancel `shutdown` after the last call has ended: the writer then writes what is left, and stops.
    ///
    /// # Errors
    ///
    /// When the slots cannot be read, or are not readable: without them limits would forget what was taken.
    pub async fn start(
        log: Arc<dyn DecisionLog>,
        clock: Arc<dyn Clock>,
        epochs: Arc<Epochs>,
        config: EmbeddedConfig,
        tasks: &TaskTracker,
        shutdown: CancellationToken,
    ) -> Result<Arc<Self>, StorageError> {
        let counters = Arc::new(MemoryCounters::with_capacity(config.capacity));
        let stored = log.load_slots(clock.now_ms()).await?;
        counters.load(stored.iter().map(slot_state).collect::<Result<Vec<_>, _>>()?);

        let (appends, queue) = mpsc::channel(config.queue);
        let (settlements, ended) = Settlements::channel();
        let writer =
            Writer::new(log, Arc::clone(&clock), Arc::clone(&counters), queue, ended, settlements.backlog(), config);
        tasks.spawn(writer.run(shutdown));
        Ok(Arc::new(Self { counters, epochs, clock, appends, settlements, config }))
    }

    /// How many ends of calls wait to be written; for a metric.
    #[must_use]
    pub fn endings_waiting(&self) -> usize {
        self.settlements.len()
    }

    /// The counters, for those who judge without taking.
    #[must_use]
    pub fn counters(&self) -> &MemoryCounters {
        &self.counters
    }

    fn take(&self, request: &AdmissionRequest<'_>) -> Verdict {
        let decision = &request.decision;
        if !refusal::is_forwarded(decision.outcome) {
            return Verdict::Unlimited;
        }
        let quota = request.plan.and_then(Quota::of);
        // In shadow a call that the rules would have denied takes nothing of the policy's, as in `enforce`.
        let limits = request.limits.filter(|plan| decision.outcome == Outcome::Allowed && !plan.is_empty());
        let Some(limits) = limits else { return self.take_quota(quota.as_ref(), decision, None) };
        // Limits come from a policy; a plan without one has no identity to be counted under.
        let taken = match Identity::of(decision, request.session) {
            Some(identity) => self.take_all(quota.as_ref(), Some((limits, identity)), decision),
            None => Err(Refused::Limits(Denial::limits_unavailable())),
        };
        match taken {
            Ok(reservation) => Verdict::Taken(reservation),
            Err(Refused::Quota(denial)) => Verdict::OverQuota(denial),
            Err(Refused::Limits(denial)) => {
                let outcome = refusal::outcome_of(decision.mode, request.on_limits_unavailable, denial.code);
                if refusal::is_forwarded(outcome) {
                    return self.take_quota(quota.as_ref(), decision, Some(denial));
                }
                Verdict::Refused(denial, None)
            }
        }
    }

    /// Takes what the plan counts of a call that goes on whatever its policy's limits say.
    fn take_quota(&self, quota: Option<&Quota>, decision: &Decision, denial: Option<Denial>) -> Verdict {
        let taken = match quota {
            Some(_) => self.take_all(quota, None, decision).map(Some),
            None => Ok(None),
        };
        match (taken, denial) {
            (Ok(taken), Some(denial)) => Verdict::Refused(denial, taken),
            (Ok(Some(reservation)), None) => Verdict::Taken(reservation),
            (Ok(None), None) => Verdict::Unlimited,
            (Err(Refused::Quota(denial) | Refused::Limits(denial)), _) => Verdict::OverQuota(denial),
        }
    }

    fn take_all(
        &self,
        quota: Option<&Quota>,
        limits: Option<(&LimitPlan, Identity<'_>)>,
        decision: &Decision,
    ) -> Result<Reservation, Refused> {
        let account = decision.account_id.as_uuid().as_bytes();
        quota::take(&self.counters, quota, limits, account, self.clock.now_ms(), LEASE_MS)
    }
}

#[async_trait]
impl Admission for EmbeddedAdmission {
    async fn admit(&self, request: AdmissionRequest<'_>) -> Result<AdmitOutcome, AdmissionError> {
        if self.settlements.len() > self.config.endings {
            return Err(AdmissionError::LogUnavailable);
        }
        let deadline = Instant::now() + self.config.patience;
        let place = timeout_at(deadline, self.appends.reserve()).await;
        let Ok(Ok(place)) = place else { return Err(AdmissionError::LogUnavailable) };

        // INVARIANT: no await from here to `place.send`, so that a dropped future cannot leave something taken behind.
        if self.epochs.current(request.decision.account_id) != request.epoch {
            return Ok(AdmitOutcome::Stale);
        }
        let verdict = self.take(&request);
        let mut decision = request.decision;
        let (reservation, denial) = match verdict {
            Verdict::Unlimited => (None, None),
            Verdict::Taken(reservation) => (Some(reservation), None),
            Verdict::Refused(denial, reservation) => {
                refusal::note(&mut decision, &denial, request.on_limits_unavailable);
                (reservation, Some(denial))
            }
            Verdict::OverQuota(denial) => {
                refusal::note_quota(&mut decision, &denial);
                (None, Some(denial))
            }
        };
        let is_denied = decision.outcome == Outcome::Denied;
        let hold = Hold::new(&decision, reservation, Arc::clone(&self.counters), self.settlements.clone());
        let (done, durable) = oneshot::channel();
        place.send(Append { decision, hold, done });

        match timeout_at(deadline, durable).await {
            Ok(Ok(Ok(Some(permit)))) => Ok(AdmitOutcome::Admitted(permit)),
            Ok(Ok(Ok(None))) => Ok(match denial.filter(|_| is_denied) {
                Some(denial) => AdmitOutcome::Denied(denial),
                None => AdmitOutcome::Recorded,
            }),
            Ok(Ok(Err(error))) => Err(error),
            // Too late, or the writer is gone. Should the record be written after all, the writer finds nobody waiting.
            Ok(Err(_)) | Err(_) => Err(AdmissionError::LogUnavailable),
        }
    }

    async fn is_fresh(&self, account_id: AccountId, epoch: u64) -> Result<bool, FreshnessError> {
        Ok(self.epochs.current(account_id) == epoch)
    }

    async fn calls_in_flight(&self, account_id: AccountId) -> Result<u64, InFlightError> {
        Ok(quota::in_flight(&self.counters, account_id, self.clock.now_ms()))
    }
}

/// A stored slot as the counters know it.
fn slot_state(stored: &StoredSlot) -> Result<SlotState, StorageError> {
    let broken = |column| StorageError::Inconsistent {
        table: "counter_slots",
        column,
        row: format!("{} {} {}", stored.account_id, stored.key, stored.slot),
    };
    let key: CounterKey = stored.key.parse().map_err(|_| broken("key"))?;
    let amount_micros = u64::try_from(stored.amount_micros).map_err(|_| broken("amount_micros"))?;
    let (slot, last_ms, expires_ms) = (stored.slot, stored.last_ms, stored.expires_ms);
    Ok(SlotState { key, slot, amount_micros, last_ms, expires_ms })
}
