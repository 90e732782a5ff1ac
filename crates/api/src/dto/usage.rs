//! What an account has and did, as it goes over the wire.

use chrono::{DateTime, NaiveDate, Utc};
use ostiary_model::decision::Outcome;
use ostiary_model::{PlanLimits, PlanName, UsageDay};
use serde::Serialize;
use utoipa::ToSchema;

/// What the account has, did this month, and may.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// The plan that is in force.
    #[schema(value_type = String, example = "standard")]
    pub plan: PlanName,
    /// The plans that an owner may choose.
    pub offers: Vec<PlanOffer>,
    /// What the plan limits, and how much of it is used.
    pub limits: UsageLimits,
    /// When the month, which is one of UTC, began.
    pub month_starts_at: DateTime<Utc>,
    /// When calls are counted from the beginning again.
    pub month_ends_at: DateTime<Utc>,
    /// What was done in the month.
    pub month: UsageSums,
    /// What was done on its days; those without a call are not there.
    pub days: Vec<DayUsage>,
}

/// A plan that an owner may choose; nothing is limited where a number is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOffer {
    /// Its name.
    #[schema(value_type = String, example = "team")]
    pub name: PlanName,
    /// Servers.
    pub servers: Option<u32>,
    /// Grants that are not revoked.
    pub grants: Option<u32>,
    /// Members, with invitations that are open.
    pub members: Option<u32>,
    /// Calls in a month of UTC.
    pub calls_a_month: Option<u64>,
    /// Calls at one moment.
    pub calls_at_once: Option<u32>,
    /// Days for which decisions are kept.
    pub retention_days: Option<u32>,
}

/// All that plans limit.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageLimits {
    /// Servers.
    pub servers: UsageLimit,
    /// Grants that are not revoked.
    pub grants: UsageLimit,
    /// Members, with invitations that are open.
    pub members: UsageLimit,
    /// Calls of this month that were let through, but for those that surely did not reach their server.
    pub calls_a_month: UsageLimit,
    /// Calls at one moment: those in flight. They are counted where the plan limits them, and not known for a while after
    /// their counters were lost or cannot be reached.
    pub calls_at_once: UsageLimit,
    /// Days for which decisions are kept: those of the plan, or the installation's if these are fewer.
    pub retention_days: UsageLimit,
}

/// One limit.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageLimit {
    /// How much of it is used; null for what is not counted, or not known right now.
    pub used: Option<u64>,
    /// The most there may be; null where nothing is limited.
    pub max: Option<u64>,
}

/// Sums of calls.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct UsageSums {
    /// Forwarded.
    pub allowed: i64,
    /// Refused.
    pub denied: i64,
    /// Waiting for a person.
    pub held: i64,
    /// Forwarded, but would have been refused in `enforce`.
    pub shadow_denied: i64,
    /// Forwarded without limits, because they could not be checked.
    pub allowed_unmetered: i64,
    /// Bytes of the calls.
    pub bytes_in: i64,
    /// Bytes of the answers.
    pub bytes_out: i64,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayUsage {
    /// The day, of UTC.
    pub date: NaiveDate,
    /// What was done on it.
    #[serde(flatten)]
    pub sums: UsageSums,
}

impl UsageSums {
    /// Adds calls of one outcome.
    pub fn add(&mut self, day: &UsageDay) {
        let sum = match day.outcome {
            Outcome::Allowed => &mut self.allowed,
            Outcome::Denied => &mut self.denied,
            Outcome::Held => &mut self.held,
            Outcome::ShadowDenied => &mut self.shadow_denied,
            Outcome::AllowedUnmetered => &mut self.allowed_unmetered,
        };
        *sum = sum.saturating_add(day.calls);
        self.bytes_in = self.bytes_in.saturating_add(day.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(day.bytes_out);
    }

    /// Those that went to their server, as far as the outcome says.
    #[must_use]
    pub const fn forwarded(&self) -> i64 {
        self.allowed.saturating_add(self.shadow_denied).saturating_add(self.allowed_unmetered)
    }
}

impl PlanOffer {
    /// A plan as it is offered.
    #[must_use]
    pub const fn new(name: PlanName, limits: &PlanLimits) -> Self {
        Self {
            name,
            servers: limits.servers,
            grants: limits.grants,
            members: limits.members,
            calls_a_month: limits.calls_a_month,
            calls_at_once: limits.calls_at_once,
            retention_days: limits.retention_days,
        }
    }
}
