//! The step as a trait.

use async_trait::async_trait;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, Decision, Plan};
use ostiary_policy::{Denial, LimitPlan};

use crate::permit::Permit;

/// Admits calls: freshness, limits and record in one step.
#[async_trait]
pub trait Admission: std::fmt::Debug + Send + Sync {
    /// Takes a call's limits and writes its record durably, or says why not.
    ///
    /// Refusals are recorded like everything else: when this answers anything but `Stale`, there is a record.
    ///
    /// # Errors
    ///
    /// When the record could not be written. Nothing is then taken from any counter, and the call must not be forwarded.
    ///
    /// # Cancellation
    ///
    /// Dropping the future is safe at any time: either nothing has happened, or the record will be written and, as the
    /// call was surely not sent, what it took is given back.
    async fn admit(&self, request: AdmissionRequest<'_>) -> Result<AdmitOutcome, AdmissionError>;

    /// Whether what was read of an account at `epoch` is still the newest, for what is answered without being admitted:
    /// lists, streams, the beginning of a session.
    ///
    /// # Errors
    ///
    /// When nobody can say. What was read must then not be used.
    async fn is_fresh(&self, account_id: AccountId, epoch: u64) -> Result<bool, FreshnessError>;

    /// How many calls of an account are in flight, over all processes that share its counters: those that its plan
    /// counted, which are all of them while the plan limits calls at once, and none while it does not. Takes nothing.
    ///
    /// # Errors
    ///
    /// When nobody can say.
    async fn calls_in_flight(&self, account_id: AccountId) -> Result<u64, InFlightError>;
}

/// A call that is to be admitted.
#[derive(Debug)]
pub struct AdmissionRequest<'a> {
    /// The account's epoch, read before anything that decided the call was read.
    pub epoch: u64,
    /// What the call must reserve; none when nothing limits it. Only looked at for an allowed call.
    pub limits: Option<&'a LimitPlan>,
    /// The plan of the account, read at `epoch`. What it allows holds for every call that is forwarded, in shadow and when
    /// limits cannot be checked, too; none where the installation has no plans.
    pub plan: Option<&'a Plan>,
    /// The session's own id, for limits of scope `session`.
    pub session: Option<&'a [u8]>,
    /// What becomes of the call when its limits cannot be checked.
    pub on_limits_unavailable: OnLimitsUnavailable,
    /// Its record, complete but for what the limits say. An outcome of `denied` or `held` is recorded only. Whose
    /// counters are charged, and whether denials are enforced, is read from here.
    pub decision: Decision,
}

/// What became of a call.
#[derive(Debug)]
pub enum AdmitOutcome {
    /// It may be forwarded; the record is durable.
    Admitted(Permit),
    /// Its limits, or those of its plan, refuse it; recorded as denied.
    Denied(Denial),
    /// It came as refused, and is recorded.
    Recorded,
    /// Something that decided it has changed since: read again and decide again. Nothing was taken or recorded.
    Stale,
}

/// Why a call could not be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// Its record could not be written.
    #[error("the decision log is unavailable")]
    LogUnavailable,
}

/// Nobody can say whether what was read is still the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("whether something newer is in force is not known")]
pub struct FreshnessError;

/// Nobody can say how many calls are in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("how many calls are in flight is not known")]
pub struct InFlightError;
