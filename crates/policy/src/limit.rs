//! Which counters a call must reserve, and with what amounts: a plan, without effect.

use std::sync::Arc;

use serde::Serialize;

use crate::amount::Amount;
use crate::decision::{Denial, DenialCode, LimitFacts, RulePointer};
use crate::window::{Bounds, CalendarUnit, Window};

/// Whose calls a counter adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One session's; calls without a session share one bucket for each grant.
    Session,
    /// One grant's.
    Grant,
    /// Those of all grants with the policy.
    Policy,
    /// All on the server.
    Server,
    /// All of the account, on every server.
    Account,
}

impl Scope {
    /// The scope as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Session => "session",
            Scope::Grant => "grant",
            Scope::Policy => "policy",
            Scope::Server => "server",
            Scope::Account => "account",
        }
    }
}

/// A counter as the document names it; account, server and the scope's id come from the call's binding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Counter {
    /// The name. That of a `rate_limit` has a colon, which no name in a document may have.
    pub name: Box<str>,
    /// Whose calls are added up.
    pub scope: Scope,
    /// Over which time.
    pub window: Window,
}

/// Everything that one call must reserve, all or none.
#[derive(Debug, Clone, Default)]
pub struct LimitPlan {
    /// What the call adds, each counter once.
    pub charges: Vec<Charge>,
    /// The limits that are judged, in the order in which they are reported.
    pub limits: Vec<PlannedLimit>,
}

/// What one call adds to one counter.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The counter.
    pub counter: Arc<Counter>,
    /// The calendar window that holds the call's instant; `None` for other windows.
    pub bounds: Option<Bounds>,
    /// The call itself: zero or one million. Stays charged when the upstream refused the call.
    pub count_micros: u64,
    /// The sum of the different amounts. Given back when the upstream refused the call.
    pub amount_micros: u64,
}

impl Charge {
    /// All that the call adds, in millionths.
    pub fn total_micros(&self) -> u64 {
        self.count_micros.saturating_add(self.amount_micros)
    }
}

/// One limit, judged by its charge's counter.
#[derive(Debug, Clone)]
pub struct PlannedLimit {
    /// Index into [`LimitPlan::charges`].
    pub charge: usize,
    /// The most that the counter may hold, in millionths. Of concurrent calls, one million a call.
    pub max_micros: u64,
    /// The limit's own pointer.
    pub rule: RulePointer,
    /// What the rule says when it denies.
    pub on_deny: Option<Arc<str>>,
    /// The window as it is written.
    pub window: WindowName,
}

/// A window as the document writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum WindowName {
    /// By name.
    Named(#[serde(serialize_with = "unit_name")] CalendarUnit),
    /// In seconds.
    Seconds(u64),
    /// Calls in flight.
    Concurrent(Concurrent),
}

/// Serialises as `"concurrent"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrent {
    /// The only value.
    Concurrent,
}

fn unit_name<S: serde::Serializer>(unit: &CalendarUnit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(unit.as_str())
}

/// What the counter store says of a limit that the call would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceededLimit {
    /// Index into [`LimitPlan::limits`].
    pub limit: usize,
    /// What the window holds without the call, in millionths.
    pub used_micros: u64,
    /// When the call would fit; `None` where its amount alone is above the maximum, and for concurrent calls.
    pub retry_after_ms: Option<u64>,
}

impl LimitPlan {
    /// Whether the call needs no counter at all.
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// The answer to a call that exceeds limits: the first in reporting order, and the longest wait of all.
    pub fn denial(&self, exceeded: &[ExceededLimit]) -> Denial {
        let first = exceeded.iter().min_by_key(|one| one.limit);
        // One that waiting does not help makes all waiting useless.
        let waits: Option<Vec<u64>> = exceeded.iter().map(|one| one.retry_after_ms).collect();
        let retry_after_ms = waits.and_then(|waits| waits.into_iter().max());
        let found = first.and_then(|one| {
            let limit = self.limits.get(one.limit)?;
            Some((one, limit, self.charges.get(limit.charge)?))
        });
        let Some((one, limit, charge)) = found else {
            return Denial::new(DenialCode::LimitExceeded, None, "a limit would be exceeded; try again later");
        };
        let message = match &limit.on_deny {
            Some(text) => text.to_string(),
            None => crate::message::limit_exceeded(limit, charge, retry_after_ms),
        };
        Denial {
            code: DenialCode::LimitExceeded,
            rule: Some(limit.rule.clone()),
            message,
            retry_after_ms,
            limit: Some(LimitFacts {
                counter: charge.counter.name.to_string(),
                window: limit.window,
                max: Amount::from_micros(limit.max_micros),
                used: Amount::from_micros(one.used_micros),
            }),
        }
    }
}
