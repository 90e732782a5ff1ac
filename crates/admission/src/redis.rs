//! Admission for many replicas: counters, epochs and records in Redis, one script and one round trip for a call.
//!
//! All that belongs to an account is in one [`Shard`], and all of a shard in one hash slot, so that one server and a
//! cluster are used alike. The script runs in a task of its own: a caller that leaves, or that waited long enough, finds
//! nobody at the other end, and what the late answer says was taken is given back. [`Drain`] moves the records to the log.
//!
//! To add something that happens with every call: a step of `script/admit.lua`, before anything is written there.

mod attempt;
pub mod carry;
mod charge;
pub mod drain;
pub mod epochs;
mod hold;
mod in_flight;
mod kept;
mod keys;
pub mod link;
pub mod mailbox;
mod record;
mod script;
mod settlement;
mod value;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ostiary_counters::Charge;
use ostiary_model::decision::Outcome;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, Clock, Decision};
use ostiary_policy::{Denial, LimitPlan};
use ostiary_storage::{DecisionLog, LogBatch};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::{Admission, AdmissionError, AdmissionRequest, AdmitOutcome, FreshnessError, InFlightError};
use crate::permit::Permit;
use crate::quota::{Quota, Refused};
use crate::redis::attempt::{Attempt, Attempted};
use crate::redis::hold::{Hold, Leases};
use crate::redis::kept::Kept;
use crate::redis::record::Refusal;
use crate::redis::script::WAITING;
use crate::redis::settlement::Settlements;
use crate::{Identity, plan, refusal};

pub use carry::{CarryError, carry};
pub use drain::{Drain, DrainConfig};
pub use epochs::RedisEpochs;
pub use keys::Shard;
pub use link::{Concern, LinkError, RedisLink, UnfitError};
pub use mailbox::{RedisMailbox, Shared};

/// How many refusals are written past Redis at once while it is away.
const PAST_REDIS: usize = 32;

/// The bounds of a [`RedisAdmission`].
#[derive(Clone, Copy, Debug)]
pub struct RedisConfig {
    /// How long a call waits for the answer.
    pub patience: Duration,
    /// Calls of this process that may be under way to Redis; more are refused.
    pub under_way: usize,
    /// Records of a shard that may wait to be moved to the log; beyond them calls are refused.
    pub records: u64,
    /// Records that one account may add in five seconds while half of a shard's places are taken and another adds some,
    /// or nine tenths are; beyond them its calls are refused, so that there are places for the shard's other accounts.
    pub share: u64,
    /// Ends of calls that may wait to be sent; beyond them calls are refused.
    pub endings: usize,
    /// Live counters of an account; a call that needs more is refused as if its limits could not be checked.
    pub counters: u64,
    /// Memory for records that Redis has and the log has not yet, in bytes; beyond it calls are refused.
    pub kept: usize,
    /// How long a call counts as in flight when its process dies. It renews its calls three times as often.
    pub lease: Duration,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(2),
            under_way: 4_096,
            records: 50_000,
            share: 2_500,
            endings: 100_000,
            counters: 50_000,
            kept: 64 * 1024 * 1024,
            lease: Duration::from_secs(60),
        }
    }
}

/// Admission through Redis.
#[derive(Debug)]
pub struct RedisAdmission {
    epochs: Arc<RedisEpochs>,
    log: Arc<dyn DecisionLog>,
    clock: Arc<dyn Clock>,
    settlements: Settlements,
    kept: Arc<Kept>,
    leases: Arc<Leases>,
    under_way: Arc<Semaphore>,
    past_redis: Semaphore,
    tasks: TaskTracker,
    config: RedisConfig,
}

impl RedisAdmission {
    /// Starts the tasks that end calls and renew their leases, tracked by `tasks`. Redis need not be there yet.
    ///
    /// `log` is where records are written that Redis may have lost, and refusals while it is away, which are the times
    /// that admission writes to it; and `clock` works out the calendar windows that the script then checks by its own time.
    ///
    /// Cancel `shutdown` after the last call has ended: what is left to send is then sent.
    #[must_use]
    pub fn start(
        epochs: Arc<RedisEpochs>,
        log: Arc<dyn DecisionLog>,
        clock: Arc<dyn Clock>,
        config: RedisConfig,
        tasks: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> Arc<Self> {
        let kept = Arc::new(Kept::new(Arc::clone(&epochs), Arc::clone(&log)));
        tasks.spawn(Arc::clone(&kept).run(shutdown.clone()));
        let (settlements, settler) = Settlements::start(Arc::clone(&epochs), Arc::clone(&kept));
        tasks.spawn(settler.run(shutdown.clone()));
        let leases = Arc::<Leases>::default();
        tasks.spawn(Arc::clone(&leases).run(Arc::clone(&epochs), config.lease, shutdown.clone()));
        Arc::new(Self {
            epochs,
            log,
            clock,
            settlements,
            kept,
            leases,
            under_way: Arc::new(Semaphore::new(config.under_way)),
            past_redis: Semaphore::new(PAST_REDIS),
            tasks: tasks.clone(),
            config,
        })
    }

    /// The epochs that calls are compared with.
    #[must_use]
    pub const fn epochs(&self) -> &Arc<RedisEpochs> {
        &self.epochs
    }

    /// How many records wait to be moved to the log, over all shards; for a metric of any process.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn records_waiting(&self) -> Result<u64, LinkError> {
        let mut sum = 0_u64;
        for shard in self.epochs.keys.shards() {
            let answer = self.epochs.link.run(&WAITING.on(vec![self.epochs.keys.records(shard)])).await?;
            sum += value::number::<u64>(&answer).ok_or(LinkError::Answer)?;
        }
        Ok(sum)
    }

    /// About how many bytes of records are kept because they are not known to be in the log; for a metric.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.kept.bytes()
    }

    /// How many ends of calls wait to be sent; for a metric.
    #[must_use]
    pub fn endings_waiting(&self) -> usize {
        self.settlements.len()
    }

    /// Runs the script in a task of its own, for as long as the call's patience.
    async fn attempt(&self, attempt: Attempt, deadline: Instant) -> Attempted {
        let Ok(place) = Arc::clone(&self.under_way).try_acquire_owned() else { return Attempted::Away };
        let task = self.tasks.spawn(async move {
            let _place = place;
            attempt.run().await
        });
        match timeout_at(deadline, task).await {
            Ok(Ok(attempted)) => attempted,
            // The task lives on. The permit it may still come to is dropped with it, and gives everything back.
            Ok(Err(_)) | Err(_) => Attempted::Away,
        }
    }

    /// Charges for the call as it is at `now_ms`, the plan's first. A call that cannot be judged is refused.
    fn charges(&self, call: &mut Call<'_>, now_ms: i64) -> Vec<Charge> {
        let lease_ms = u64::try_from(self.config.lease.as_millis()).unwrap_or(u64::MAX);
        let of_limits = call.limits.map(|limits| {
            let identity = Identity::of(&call.decision, call.session)?;
            plan::charges(limits, &identity, now_ms, lease_ms)
        });
        if let Some(None) = of_limits {
            call.refuse();
        }
        let Some(quota) = &call.quota else { return of_limits.flatten().unwrap_or_default() };
        let Some(mut charges) = quota.charges(call.decision.account_id.as_uuid().as_bytes(), now_ms, lease_ms) else {
            call.refuse_by_quota();
            return Vec::new();
        };
        charges.extend(of_limits.flatten().unwrap_or_default());
        charges
    }

    async fn decide(&self, mut call: Call<'_>, expected: &str) -> Result<AdmitOutcome, AdmissionError> {
        let deadline = Instant::now() + self.config.patience;
        let mut now_ms = self.clock.now_ms();
        // One attempt is enough unless the clocks differ over a boundary of the calendar; the last has no limits.
        for _ in 0..=plan::ATTEMPTS {
            let charges = self.charges(&mut call, now_ms);
            let attempt = Attempt::new(self, &call, charges, expected);
            let attempted = self.attempt(attempt, deadline).await;
            match attempted {
                Attempted::Stale => return Ok(AdmitOutcome::Stale),
                Attempted::Passed(store_ms) => now_ms = store_ms,
                Attempted::Recorded(permit) => {
                    return Ok(match (permit, call.denial) {
                        (Some(permit), _) => AdmitOutcome::Admitted(permit),
                        (None, Some(denial)) => AdmitOutcome::Denied(denial),
                        (None, None) => AdmitOutcome::Recorded,
                    });
                }
                Attempted::Refused(_, Some(permit)) => return Ok(AdmitOutcome::Admitted(permit)),
                Attempted::Refused(findings, None) => {
                    let denial = match record::refused(call.quota.as_ref(), call.limits, &findings) {
                        Some(Refused::Quota(denial) | Refused::Limits(denial)) => denial,
                        None => Denial::limits_unavailable(),
                    };
                    return Ok(AdmitOutcome::Denied(denial));
                }
                Attempted::Backlog => return Err(AdmissionError::LogUnavailable),
                Attempted::Away => return Box::pin(self.without_redis(call)).await,
            }
        }
        Err(AdmissionError::LogUnavailable)
    }

    /// While Redis is away, calls with limits get the answer that their server is set to, and a record past Redis; those
    /// that a plan counts are refused, whatever the server is set to.
    /// Everything else is refused: nobody can say whether it is decided by the newest state.
    async fn without_redis(&self, mut call: Call<'_>) -> Result<AdmitOutcome, AdmissionError> {
        if call.limits.is_none() && call.quota.is_none() {
            return Err(AdmissionError::LogUnavailable);
        }
        if call.quota.is_none()
            && call.on_limits_unavailable == OnLimitsUnavailable::Allow
            && !self.epochs.is_read_in_outage(call.decision.account_id, call.epoch, self.config.patience * 3)
        {
            // Changes are acknowledged by way of Redis only. What is read from the database now is the newest that
            // anyone outside of a split network can know.
            return Ok(AdmitOutcome::Stale);
        }
        match call.quota {
            Some(_) => call.refuse_by_quota(),
            None => call.refuse(),
        }
        let Ok(_place) = self.past_redis.try_acquire() else { return Err(AdmissionError::LogUnavailable) };
        let decision = call.decision;
        let (account_id, decision_id, outcome) = (decision.account_id, decision.id, decision.outcome);
        let batch = LogBatch { decisions: vec![decision], ..LogBatch::default() };
        let written = timeout_at(Instant::now() + self.config.patience, self.log.commit(&batch)).await;
        let Ok(Ok(())) = written else { return Err(AdmissionError::LogUnavailable) };
        if !refusal::is_forwarded(outcome) {
            return Ok(AdmitOutcome::Denied(Denial::limits_unavailable()));
        }
        let hold = Hold {
            account_id,
            decision_id,
            history: String::new(),
            taken: Vec::new(),
            settlements: self.settlements.clone(),
            leases: Arc::clone(&self.leases),
        };
        Ok(AdmitOutcome::Admitted(Permit::new(decision_id, outcome, Box::new(hold))))
    }
}

/// A call on its way.
struct Call<'a> {
    epoch: u64,
    /// What is still to be judged.
    limits: Option<&'a LimitPlan>,
    /// What its account's plan counts of it, while it is to be forwarded.
    quota: Option<Quota>,
    session: Option<&'a [u8]>,
    on_limits_unavailable: OnLimitsUnavailable,
    decision: Decision,
    /// Why it is refused, once it is and its record says so.
    denial: Option<Denial>,
}

impl Call<'_> {
    /// The limits cannot be judged: there is nothing to take for them, and the record says so.
    fn refuse(&mut self) {
        let denial = Denial::limits_unavailable();
        refusal::note(&mut self.decision, &denial, self.on_limits_unavailable);
        self.denial = Some(denial);
        self.limits = None;
        if !refusal::is_forwarded(self.decision.outcome) {
            self.quota = None;
        }
    }

    /// What the plan allows cannot be judged.
    fn refuse_by_quota(&mut self) {
        let denial = Denial::limits_unavailable();
        refusal::note_quota(&mut self.decision, &denial);
        self.denial = Some(denial);
        (self.limits, self.quota) = (None, None);
    }

    fn refusal(&self) -> Option<Refusal> {
        if self.limits.is_none() && self.quota.is_none() {
            return None;
        }
        Some(Refusal::new(self.quota.clone(), self.limits, self.on_limits_unavailable))
    }
}

#[async_trait]
impl Admission for RedisAdmission {
    async fn admit(&self, request: AdmissionRequest<'_>) -> Result<AdmitOutcome, AdmissionError> {
        if self.settlements.len() > self.config.endings || self.kept.bytes() > self.config.kept {
            return Err(AdmissionError::LogUnavailable);
        }
        let AdmissionRequest { epoch, limits, plan, session, on_limits_unavailable, decision } = request;
        let Some(expected) = self.epochs.expected(decision.account_id, epoch) else { return Ok(AdmitOutcome::Stale) };
        // In shadow a call that the rules would have denied takes nothing, as in `enforce`.
        let limits = limits.filter(|plan| decision.outcome == Outcome::Allowed && !plan.is_empty());
        let quota = plan.and_then(Quota::of).filter(|_| refusal::is_forwarded(decision.outcome));
        let call = Call { epoch, limits, quota, session, on_limits_unavailable, decision, denial: None };
        self.decide(call, &expected).await
    }

    async fn is_fresh(&self, account_id: AccountId, epoch: u64) -> Result<bool, FreshnessError> {
        let asked = timeout(self.config.patience, self.epochs.is_fresh(account_id, epoch)).await;
        match asked {
            Ok(Ok(is_fresh)) => Ok(is_fresh),
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "Redis does not say what is newest");
                Err(FreshnessError)
            }
            Err(_) => Err(FreshnessError),
        }
    }

    async fn calls_in_flight(&self, account_id: AccountId) -> Result<u64, InFlightError> {
        self.epochs.calls_in_flight(account_id, &self.config).await
    }
}
