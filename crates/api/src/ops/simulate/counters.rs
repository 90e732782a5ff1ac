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
    /// Whether it is known that the call was charged.
    is_sure: bool,
}

/// Whether a call fits.
#[derive(Debug)]
pub enum Fit {
    /// Into every limit.
    Fits,
    /// Not into all of them.
    Exceeds(Denial),
    /// That depends on calls of which nobody can tell whether they were charged.
    Unsure,
}

impl Counters {
    /// Charges a call to all its counters, or to none. Where nobody can tell whether it fits, nobody can tell later
    /// whether it was charged.
    pub fn reserve(&mut self, plan: &LimitPlan, now_ms: i64, terms: Terms<'_>) -> Fit {
        let mut exceeded = Vec::new();
        let mut is_sure = true;
        for (index, limit) in plan.limits.iter().enumerate() {
            let Some(charge) = plan.charges.get(limit.charge) else { continue };
            let entries = self.charged.get(&key(charge, terms.holder)).map_or(&[][..], Vec::as_slice);
            let exceeds = |used: u64| used.saturating_add(charge.total_micros()) > limit.max_micros;
            let used_micros = used(charge, entries, now_ms, Known::Surely);
            if exceeds(used_micros) {
                let retry_after_ms = wait_ms(charge, entries, now_ms, limit.max_micros);
                exceeded.push(ExceededLimit { limit: index, used_micros, retry_after_ms });
            }
            is_sure &= !exceeds(used(charge, entries, now_ms, Known::Perhaps));
        }
        if !exceeded.is_empty() {
            return Fit::Exceeds(plan.denial(&exceeded));
        }
        if terms.counts {
            for charge in &plan.charges {
                self.charge(charge, Entry { at_ms: now_ms, micros: charge.total_micros(), is_sure }, terms.holder);
            }
        }
        if is_sure { Fit::Fits } else { Fit::Unsure }
    }

    /// Notes what a call may have been charged, of which nobody can tell whether it went on. `is_measured` says of a
    /// counter whether it adds up arguments: then the charge may be of any size.
    pub fn suppose(&mut self, plan: &LimitPlan, now_ms: i64, holder: Holder<'_>, is_measured: impl Fn(&str) -> bool) {
        for charge in &plan.charges {
            let micros = if is_measured(&charge.counter.name) { u64::MAX } else { charge.total_micros() };
            self.charge(charge, Entry { at_ms: now_ms, micros, is_sure: false }, holder);
        }
    }

    fn charge(&mut self, charge: &Charge, entry: Entry, holder: Holder<'_>) {
        self.charged.entry(key(charge, holder)).or_default().push(entry);
    }
}

/// Which charges are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Those that were made.
    Surely,
    /// Those that may have been made, too.
    Perhaps,
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
fn used(charge: &Charge, entries: &[Entry], now_ms: i64, known: Known) -> u64 {
    let counts = |entry: &&Entry| match (&charge.counter.window, charge.bounds) {
        (Window::Sliding { ms }, _) => entry.at_ms.saturating_add_unsigned(*ms) > now_ms,
        (Window::Calendar { .. }, Some(bounds)) => (bounds.start_ms..bounds.end_ms).contains(&entry.at_ms),
        // Calls of a trial come one after the other: none is under way when the next begins.
        (Window::Calendar { .. }, None) | (Window::Concurrent, _) => false,
    };
    let entries = entries.iter().filter(counts).filter(|entry| entry.is_sure || known == Known::Perhaps);
    entries.fold(0, |sum, entry| sum.saturating_add(entry.micros))
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
            let fits = |end: &i64| {
                used(charge, entries, *end, Known::Surely).saturating_add(charge.total_micros()) <= max_micros
            };
            ends.into_iter().filter(|end| *end > now_ms).find(fits)?
        }
        (Window::Calendar { .. }, Some(bounds)) => bounds.end_ms,
        (Window::Calendar { .. }, None) | (Window::Concurrent, _) => return None,
    };
    u64::try_from(until_ms.saturating_sub(now_ms)).ok()
}
