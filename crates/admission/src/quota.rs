//! What an account's plan lets its calls take, beside the limits of their policies.
//!
//! A policy's owner may put it in shadow, or have calls go on while limits cannot be checked. A plan's limits are the
//! installation's: they hold for every call that is forwarded, and a call that they cannot judge is refused.

use chrono::{DateTime, Datelike as _, Months, NaiveTime};
use ostiary_counters::charge::ONE;
use ostiary_counters::{
    Charge, CounterKey, Exceeded, MemoryCounters, PeekOutcome, Reservation, ReserveOutcome, Scope, Span, Window,
};
use ostiary_model::{AccountId, Plan};
use ostiary_policy::{Amount, CalendarUnit, Concurrent, Denial, DenialCode, LimitFacts, LimitPlan, WindowName};
use serde::{Deserialize, Serialize};

use crate::{Identity, plan};

/// What the counters are called.
const CALLS: &str = "calls";

/// The limits of a plan that calls meet; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quota {
    plan: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    month: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_once: Option<u32>,
}

/// Which limits refuse a call.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The plan's.
    Quota(Denial),
    /// The policy's.
    Limits(Denial),
}

impl Quota {
    /// That of a plan; none where it does not count calls.
    pub(crate) fn of(plan: &Plan) -> Option<Self> {
        let limits = &plan.limits;
        limits.counts_calls().then(|| Self {
            plan: plan.name.as_str().to_owned(),
            month: limits.calls_a_month,
            at_once: limits.calls_at_once,
        })
    }

    /// How many charges a call has for it.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.month.is_some()) + usize::from(self.at_once.is_some())
    }

    /// What a call adds to the counters of its account at `now_ms`; none beyond the calendar. The counters are those of
    /// every plan: an account that changes its plan has not begun a new month.
    pub(crate) fn charges(&self, account: &[u8; 16], now_ms: i64, lease_ms: u64) -> Option<Vec<Charge>> {
        let charge = |span, window, max: u64| Charge {
            key: counter(account, span),
            window,
            count_micros: ONE,
            amount_micros: 0,
            limits: vec![max.saturating_mul(ONE)],
        };
        let mut charges = Vec::with_capacity(self.len());
        if let Some(max) = self.month {
            charges.push(charge(Span::Calendar { unit: "month", zone: "UTC" }, month(now_ms)?, max));
        }
        if let Some(max) = self.at_once {
            charges.push(charge(Span::Concurrent, Window::Concurrent { lease_ms }, u64::from(max)));
        }
        Some(charges)
    }

    /// The denial of what was found, if any of it is about the plan. Its charges are the first of the call.
    pub(crate) fn denial(&self, exceeded: &[Exceeded]) -> Option<Denial> {
        let found = exceeded.iter().find(|one| one.charge < self.len())?;
        let (max, window, message) = match (self.month, self.at_once) {
            (Some(max), _) if found.charge == 0 => (
                max,
                WindowName::Named(CalendarUnit::Month),
                format!(
                    "the plan `{}` of this account allows {max} calls a month (UTC), and they are used; wait for the next \
                     month, or ask an owner of the account to change its plan",
                    self.plan
                ),
            ),
            (_, Some(max)) => (
                u64::from(max),
                WindowName::Concurrent(Concurrent::Concurrent),
                format!(
                    "the plan `{}` of this account allows {max} calls at once; call again when one of them has ended",
                    self.plan
                ),
            ),
            _ => return None,
        };
        let facts = LimitFacts {
            counter: CALLS.to_owned(),
            window,
            max: Amount::from_micros(max.saturating_mul(ONE)),
            used: Amount::from_micros(found.used_micros),
        };
        let denial = Denial::new(DenialCode::PlanLimitReached, None, message);
        Some(Denial { retry_after_ms: found.retry_after_ms, limit: Some(facts), ..denial })
    }
}

/// The plan's counter of an account.
fn counter(account: &[u8; 16], span: Span<'_>) -> CounterKey {
    CounterKey::new(account, Scope::Plan, &[], CALLS, span)
}

/// The counter of an account's calls in flight.
pub(crate) fn at_once(account_id: AccountId) -> CounterKey {
    counter(account_id.as_uuid().as_bytes(), Span::Concurrent)
}

/// How many calls of an account are in flight.
pub(crate) fn in_flight(counters: &MemoryCounters, account_id: AccountId, now_ms: i64) -> u64 {
    // With no room at all, the judgement says how much there is.
    let none = Charge {
        key: at_once(account_id),
        window: Window::Concurrent { lease_ms: 0 },
        count_micros: ONE,
        amount_micros: 0,
        limits: vec![0],
    };
    match counters.peek(&[none], now_ms) {
        PeekOutcome::Exceeded(exceeded) => exceeded.first().map_or(0, |one| one.used_micros / ONE),
        PeekOutcome::Fits | PeekOutcome::WindowPassed { .. } => 0,
    }
}

/// The month of UTC that a moment is in.
fn month(now_ms: i64) -> Option<Window> {
    let first = DateTime::from_timestamp_millis(now_ms)?.date_naive().with_day(1)?;
    let next = first.checked_add_months(Months::new(1))?;
    let ms = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    Some(Window::Calendar { start_ms: ms(first), end_ms: ms(next) })
}

/// What was found, without what is about the first `quota` charges, which are the plan's.
pub(crate) fn of_limits(exceeded: &[Exceeded], quota: usize) -> Vec<Exceeded> {
    let behind = |one: &Exceeded| Some(Exceeded { charge: one.charge.checked_sub(quota)?, ..*one });
    exceeded.iter().filter_map(behind).collect()
}

/// Takes all that a plan and a policy ask for, or nothing.
///
/// # Errors
///
/// The denial, and whose limits it is of: the plan's where both refuse the call.
pub(crate) fn take(
    counters: &MemoryCounters,
    quota: Option<&Quota>,
    limits: Option<(&LimitPlan, Identity<'_>)>,
    account: &[u8; 16],
    now_ms: i64,
    lease_ms: u64,
) -> Result<Reservation, Refused> {
    let unjudged = || match limits {
        Some(_) => Refused::Limits(Denial::limits_unavailable()),
        None => Refused::Quota(Denial::limits_unavailable()),
    };
    let (first, mut now_ms) = (quota.map_or(0, Quota::len), now_ms);
    for _ in 0..plan::ATTEMPTS {
        let mut charges = match quota {
            Some(quota) => {
                quota.charges(account, now_ms, lease_ms).ok_or_else(|| Refused::Quota(Denial::limits_unavailable()))?
            }
            None => Vec::new(),
        };
        if let Some((limits, identity)) = &limits {
            charges.extend(plan::charges(limits, identity, now_ms, lease_ms).ok_or_else(unjudged)?);
        }
        match counters.reserve(&charges, now_ms) {
            ReserveOutcome::Reserved(reservation) => return Ok(reservation),
            ReserveOutcome::Exceeded(exceeded) => {
                if let Some(denial) = quota.and_then(|quota| quota.denial(&exceeded)) {
                    return Err(Refused::Quota(denial));
                }
                return Err(match &limits {
                    Some((limits, _)) => {
                        let exceeded = of_limits(&exceeded, first);
                        Refused::Limits(limits.denial(&plan::exceeded_limits(limits, &exceeded)))
                    }
                    None => unjudged(),
                });
            }
            // The store's clock is ahead of the call's, over a boundary of the calendar.
            ReserveOutcome::WindowPassed { now_ms: store_ms } => now_ms = store_ms,
            ReserveOutcome::Full => break,
        }
    }
    Err(unjudged())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ostiary_model::PlanName;

    fn quota(month: Option<u64>, at_once: Option<u32>) -> Quota {
        let mut plan = Plan::unlimited(PlanName::standard());
        (plan.limits.calls_a_month, plan.limits.calls_at_once) = (month, at_once);
        Quota::of(&plan).expect("limits")
    }

    fn found(charge: usize) -> Exceeded {
        Exceeded { charge, limit: 0, used_micros: 3 * ONE, retry_after_ms: Some(5) }
    }

    #[test]
    fn plan_without_limits_of_calls_has_no_quota() {
        let mut plan = Plan::unlimited(PlanName::standard());
        plan.limits.servers = Some(1);
        assert_eq!(Quota::of(&plan), None);
    }

    #[test]
    fn month_ends_where_the_next_begins() {
        let ms = |text: &str| text.parse::<DateTime<chrono::Utc>>().expect("a time").timestamp_millis();
        let window = month(ms("2026-12-31T23:59:59.999Z"));
        let bounds = (ms("2026-12-01T00:00:00Z"), ms("2027-01-01T00:00:00Z"));
        assert_eq!(window, Some(Window::Calendar { start_ms: bounds.0, end_ms: bounds.1 }));
        assert_eq!(month(i64::MAX), None);
    }

    #[test]
    fn denial_names_the_limit_of_its_charge() {
        let text = |quota: &Quota, at| quota.denial(&[found(at)]).map(|denial| denial.message);
        let both = quota(Some(10), Some(2));
        assert!(text(&both, 0).is_some_and(|text| text.contains("10 calls a month")));
        assert!(text(&both, 1).is_some_and(|text| text.contains("2 calls at once")));
        assert_eq!(text(&both, 2), None, "the policy's");
        assert!(text(&quota(None, Some(2)), 0).is_some_and(|text| text.contains("2 calls at once")));
        assert!(text(&quota(Some(10), None), 0).is_some_and(|text| text.contains("10 calls a month")));
        assert_eq!(of_limits(&[found(0), found(2)], 2), [found(0)]);
    }
}
