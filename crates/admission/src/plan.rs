//! From a policy's limits to charges on counters.

#[cfg(test)]
mod tests;

use chrono::DateTime;
use ostiary_counters::{
    Charge, CounterKey, Exceeded, MemoryCounters, Reservation, ReserveOutcome, Scope, Span, Window,
};
use ostiary_model::Decision;
use ostiary_policy::{Counter, Denial, ExceededLimit, LimitPlan};

/// How often calendar windows are worked out for one call. Once is enough unless the call crosses a boundary.
pub(crate) const ATTEMPTS: usize = 4;

/// Whose counters a call draws on. Ids are bytes, in whatever form the caller always uses.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The account.
    pub account: &'a [u8; 16],
    /// The session, where the call has one.
    pub session: Option<&'a [u8]>,
    /// The grant.
    pub grant: &'a [u8],
    /// The policy that made the plan.
    pub policy: &'a [u8],
    /// The server that is called.
    pub server: &'a [u8],
}

impl<'a> Identity<'a> {
    /// That of the call with this record; none where no policy decided it.
    #[must_use]
    pub(crate) fn of(decision: &'a Decision, session: Option<&'a [u8]>) -> Option<Self> {
        Some(Self {
            account: decision.account_id.as_uuid().as_bytes(),
            session,
            grant: decision.grant_id.as_uuid().as_bytes(),
            policy: decision.policy_id.as_ref()?.as_uuid().as_bytes(),
            server: decision.server_id.as_uuid().as_bytes(),
        })
    }
}

/// Takes all that a plan asks for, or nothing.
///
/// `lease_ms` is how long the call counts as in flight when nobody says that it has ended.
///
/// # Errors
///
/// The denial that the agent gets: `limit_exceeded`, or `limits_unavailable` when the store keeps no more counters.
pub fn take(
    counters: &MemoryCounters,
    plan: &LimitPlan,
    identity: &Identity<'_>,
    now_ms: i64,
    lease_ms: u64,
) -> Result<Reservation, Denial> {
    let mut now_ms = now_ms;
    for _ in 0..ATTEMPTS {
        let Some(charges) = charges(plan, identity, now_ms, lease_ms) else { break };
        match counters.reserve(&charges, now_ms) {
            ReserveOutcome::Reserved(reservation) => return Ok(reservation),
            ReserveOutcome::Exceeded(exceeded) => return Err(plan.denial(&exceeded_limits(plan, &exceeded))),
            // The store's clock is ahead of the call's, over a boundary of the calendar.
            ReserveOutcome::WindowPassed { now_ms: store_ms } => now_ms = store_ms,
            ReserveOutcome::Full => break,
        }
    }
    Err(Denial::limits_unavailable())
}

/// What a plan adds to which counters at `now_ms`; none when the plan contradicts itself.
pub(crate) fn charges(plan: &LimitPlan, identity: &Identity<'_>, now_ms: i64, lease_ms: u64) -> Option<Vec<Charge>> {
    let mut charges = Vec::with_capacity(plan.charges.len());
    for planned in &plan.charges {
        charges.push(Charge {
            key: key(&planned.counter, identity),
            window: window(&planned.counter, now_ms, lease_ms)?,
            count_micros: planned.count_micros,
            amount_micros: planned.amount_micros,
            limits: Vec::with_capacity(1),
        });
    }
    for limit in &plan.limits {
        charges.get_mut(limit.charge)?.limits.push(limit.max_micros);
    }
    Some(charges)
}

/// The counter's identity, as `policy.md` section 4 has it.
fn key(counter: &Counter, identity: &Identity<'_>) -> CounterKey {
    let scope = match (counter.scope, identity.session) {
        (ostiary_policy::Scope::Session, Some(session)) => Scope::Session(session),
        (ostiary_policy::Scope::Session, None) => Scope::Sessionless(identity.grant),
        (ostiary_policy::Scope::Grant, _) => Scope::Grant(identity.grant),
        (ostiary_policy::Scope::Policy, _) => Scope::Policy(identity.policy),
        (ostiary_policy::Scope::Server, _) => Scope::Server,
        (ostiary_policy::Scope::Account, _) => Scope::Account,
    };
    let span = match &counter.window {
        ostiary_policy::Window::Sliding { ms } => Span::Sliding { window_ms: *ms },
        ostiary_policy::Window::Calendar { unit, zone } => Span::Calendar { unit: unit.as_str(), zone: zone.name() },
        ostiary_policy::Window::Concurrent => Span::Concurrent,
    };
    CounterKey::new(identity.account, scope, identity.server, &counter.name, span)
}

/// The counter's window at a moment of the store's clock, which may be later than the call's.
fn window(counter: &Counter, now_ms: i64, lease_ms: u64) -> Option<Window> {
    Some(match &counter.window {
        ostiary_policy::Window::Sliding { ms } => Window::Sliding { window_ms: *ms },
        ostiary_policy::Window::Calendar { unit, zone } => {
            let bounds = unit.bounds(*zone, DateTime::from_timestamp_millis(now_ms)?);
            Window::Calendar { start_ms: bounds.start_ms, end_ms: bounds.end_ms }
        }
        ostiary_policy::Window::Concurrent => Window::Concurrent { lease_ms },
    })
}

/// The store's findings by their place in the plan, whose limits are in another order than the charges.
pub(crate) fn exceeded_limits(plan: &LimitPlan, exceeded: &[Exceeded]) -> Vec<ExceededLimit> {
    let find = |one: &Exceeded| {
        let mut of_charge = plan.limits.iter().enumerate().filter(|(_, limit)| limit.charge == one.charge);
        let (limit, _) = of_charge.nth(one.limit)?;
        Some(ExceededLimit { limit, used_micros: one.used_micros, retry_after_ms: one.retry_after_ms })
    };
    exceeded.iter().filter_map(find).collect()
}
