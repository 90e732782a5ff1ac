//! The upstream's count against the log.

use std::collections::BTreeMap;

use crate::Figures;
use crate::agent::Answer;
use crate::kill::{FEW, TOOLS};
use crate::load::{Made, by_answer, by_number};
use crate::upstream::Upstream;

/// A row of the log: the trace that the call named, the tool, and whether its end is known.
pub(super) type Row = (Option<String>, Option<String>, bool);

/// The rows of calls that were to be forwarded, in SQL that both databases read.
pub(super) const ROWS: &str = "select trace_id, target, ending_result is not null from decisions \
    where outcome in ('allowed', 'shadow_denied', 'allowed_unmetered')";

/// Adds what the two say of each other.
pub(super) fn audit(figures: &mut Figures, made: &[Made], upstream: &Upstream, rows: &[Row]) {
    figures.add("calls made", made.len());
    for (kind, count) in by_answer(made) {
        figures.add(kind, count);
    }
    let arrivals = by_number(&upstream.arrivals());
    let mut records: BTreeMap<u128, (usize, bool)> = BTreeMap::new();
    for (trace, _, has_ended) in rows {
        let number = trace.as_deref().and_then(|trace| u128::from_str_radix(trace, 16).ok()).unwrap_or_default();
        let record = records.entry(number).or_default();
        *record = (record.0 + 1, *has_ended);
    }
    figures.add("calls that the upstream counted", arrivals.len());
    figures.add("records of forwarded calls", rows.len());
    for (number, times) in &arrivals {
        figures.check(times.len() == 1, || format!("call {number} arrived {} times", times.len()));
        match records.get(number) {
            Some((1, _)) => {}
            Some((count, _)) => figures.broke(format!("call {number} has {count} records")),
            None => figures.broke(format!("call {number} reached the upstream and has no record")),
        }
    }
    for call in made {
        figures.check(call.answer != Answer::Result || arrivals.contains_key(&call.number), || {
            format!("call {} was answered, and the upstream did not see it", call.number)
        });
    }
    let cut_off = records.keys().filter(|number| !arrivals.contains_key(number)).count();
    figures.add("records of calls that were cut off before they arrived", cut_off);
    figures.add("records without an end", records.values().filter(|(_, has_ended)| !has_ended).count());

    let few = |number: &u128| number.is_multiple_of(10);
    let arrived = arrivals.keys().filter(|number| few(number)).count() as u64;
    let recorded = rows.iter().filter(|(_, tool, _)| tool.as_deref() == TOOLS.get(1).copied()).count() as u64;
    figures.add(format!("calls of the tool with {FEW} a day"), format!("{arrived} arrived, {recorded} recorded"));
    figures.check(recorded <= FEW, || format!("{recorded} calls were admitted where {FEW} may be"));
}
