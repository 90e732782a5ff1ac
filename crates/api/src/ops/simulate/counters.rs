//! Counters for a trial: an exact log of what was charged, in the process and without anybody else.

use std::collections::HashMap;

use ostiary_policy::{Charge, Denial, ExceededLimit, LimitPlan, Scope, Window};

use super::Terms;

/// Whose counters a call is charged to. Server, policy and account are the same for all calls of a trial.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The grant.
    pub grant: &'a str,
    /// The session; without one, the grant stands in.
    pub session: Option<&'a str>,
}

/// What was charged, by counter.
#[derive(Debug, Default)]
pub struct Counters {
    charged: HashMap<String, Vec<Entry>>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at_ms: i64,
    micros: u64,
}

impl Counters {
    /// Charges a call to all its counters, or to none.
    ///
    /// # Errors
    ///
    /// The denial, when a limit would be exceeded. In shadow mode the call is charged all the same.
    pub fn reserve(&mut self, plan: &LimitPlan, now_ms: i64, terms: Terms<'_>) -> Result<(), Denial> {
        let mut exceeded = Vec::new();
        for (index, limit) in plan.limits.iter().enumerate() {
            let Some(charge) = plan.charges.get(limit.charge) else { continue };
            let entries = self.charged.get(&key(charge, terms.holder)).map_or(&[][..], Vec::as_slice);
            let used_micros = used(charge, entries, now_ms);
            if used_micros.saturating_add(charge.total_micros()) > limit.max_micros {
                let retry_after_ms = wait_ms(charge, entries, now_ms, limit.max_micros);
                exceeded.push(ExceededLimit { limit: index, used_micros, retry_after_ms });
            }
        }
        let goes_on = exceeded.is_empty() || terms.mode == ostiary_model::Mode::Shadow;
        if goes_on && terms.counts {
            for charge in &plan.charges {
                let entry = Entry { at_ms: now_ms, micros: charge.total_micros() };
                self.charged.entry(key(charge, terms.holder)).or_default().push(entry);
            }
        }
        if exceeded.is_empty() { Ok(()) } else { Err(plan.denial(&exceeded)) }
    }
}

fn key(charge: &Charge, holder: Holder<'_>) -> String {
    let owner = match charge.counter.scope {
        Scope::Session => holder.session.unwrap_or(holder.grant),
        Scope::Grant => holder.grant,
        Scope::Policy | Scope::Server | Scope::Account => "",
    };
    let counter = &charge.counter;
    format!("{}|{owner}|{}|{}", counter.scope.as_str(), counter.window.identity(), counter.name)
}

/// What the window holds at a time, without the call.
fn used(charge: &Charge, entries: &[Entry], now_ms: i64) -> u64 {
    let counts = |entry: &&Entry| match (&charge.counter.window, charge.bounds) {
        (Window::Sliding { ms }, _) => entry.at_ms.saturating_add_unsigned(*ms) > now_ms,
        (Window::Calendar { .. }, Some(bounds)) => (bounds.start_ms..bounds.end_ms).contains(&entry.at_ms),
        // Calls of a trial come one after the other: none is under way when the next begins.
        (Window::Calendar { .. }, None) | (Window::Concurrent, _) => false,
    };
    entries.iter().filter(counts).map(|entry| entry.micros).sum()
}

/// After how many milliseconds the call would fit.
fn wait_ms(charge: &Charge, entries: &[Entry], now_ms: i64, max_micros: u64) -> Option<u64> {
    if charge.total_micros() > max_micros {
        return None;
    }
    let until_ms = match (&charge.counter.window, charge.bounds) {
        (Window::Sliding { ms }, _) => {
            let mut ends: Vec<i64> = entries.iter().map(|entry| entry.at_ms.saturating_add_unsigned(*ms)).collect();
            ends.sort_unstable();
            let fits = |end: &i64| used(charge, entries, *end).saturating_add(charge.total_micros()) <= max_micros;
            ends.into_iter().filter(|end| *end > now_ms).find(fits)?
        }
        (Window::Calendar { .. }, Some(bounds)) => bounds.end_ms,
        (Window::Calendar { .. }, None) | (Window::Concurrent, _) => return None,
    };
    u64::try_from(until_ms.saturating_sub(now_ms)).ok()
}
