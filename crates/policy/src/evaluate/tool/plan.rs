//! Which counters one call reserves.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::datum::Datum;
use crate::decimal::{Decimal, MICROS};
use crate::decision::{Denial, DenialCode};
use crate::limit::{Charge, LimitPlan, PlannedLimit};
use crate::path::Path;
use crate::program::{Limit, RuleSet, Rules};
use crate::resolve::{Found, Scene};
use crate::window::Window;

/// Plans all limits of the rule sets, or denies an amount that cannot be counted.
///
/// Every amount is read before any limit is judged: what a call adds to a counter is known only when all of its
/// amounts are.
pub(super) fn plan(
    rules: &Rules,
    sets: &[&RuleSet],
    scene: &Scene<'_>,
    now: DateTime<Utc>,
) -> Result<LimitPlan, Denial> {
    let mut plan = LimitPlan::default();
    // What was added already: the counter, its charge and the amount, `None` for the call itself.
    let mut added: Vec<(usize, usize, Option<usize>)> = Vec::new();
    for limit in sets.iter().flat_map(|set| &set.limits) {
        let known = added.iter().find(|(counter, _, _)| *counter == limit.counter).map(|(_, charge, _)| *charge);
        let charge = known.unwrap_or(plan.charges.len());
        if known.is_none() {
            let Some(counter) = rules.counters.get(limit.counter) else { continue };
            let bounds = match &counter.window {
                Window::Calendar { unit, zone } => Some(unit.bounds(*zone, now)),
                Window::Sliding { .. } | Window::Concurrent => None,
            };
            plan.charges.push(Charge { counter: Arc::clone(counter), bounds, count_micros: 0, amount_micros: 0 });
        }
        let addition = (limit.counter, charge, limit.amount);
        if !added.contains(&addition) {
            added.push(addition);
            let amount = match limit.amount.and_then(|amount| rules.amounts.get(amount)) {
                Some(path) => Some(amount(path, scene).ok_or_else(|| invalid_amount(limit, path))?),
                None => None,
            };
            if let Some(charge) = plan.charges.get_mut(charge) {
                match amount {
                    Some(micros) => charge.amount_micros = charge.amount_micros.saturating_add(micros),
                    None => charge.count_micros = MICROS,
                }
            }
        }
        plan.limits.push(PlannedLimit {
            charge,
            max_micros: limit.max_micros,
            rule: limit.pointer.clone(),
            on_deny: limit.on_deny.clone(),
            window: limit.window,
        });
    }
    Ok(plan)
}

fn amount(path: &Path, scene: &Scene<'_>) -> Option<u64> {
    match scene.one(path) {
        Found::Value(Datum::Number(text)) => Decimal::parse(text).to_micros(),
        Found::Value(_) | Found::Missing | Found::OtherType => None,
    }
}

fn invalid_amount(limit: &Limit, path: &Path) -> Denial {
    let message = match &limit.on_deny {
        Some(text) => text.to_string(),
        None => format!("`{path}` must be a number from 0 to 4000000000 with at most 6 decimals, for it is counted"),
    };
    Denial::new(DenialCode::InvalidAmount, Some(limit.pointer.clone()), message)
}
