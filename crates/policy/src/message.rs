//! The engine's own sentences. They say what to change and never hold an argument's value.

use crate::amount::Amount;
use crate::limit::{Charge, PlannedLimit, WindowName};

/// Such as "the limit `calls` allows 10 calls per minute; try again in 42 s".
pub(crate) fn limit_exceeded(limit: &PlannedLimit, charge: &Charge, retry_after_ms: Option<u64>) -> String {
    let max = Amount::from_micros(limit.max_micros);
    let name = limit_name(&charge.counter.name);
    let what = if charge.amount_micros == 0 && charge.count_micros > 0 { "calls" } else { "in total" };
    let span = match limit.window {
        WindowName::Concurrent(_) => return format!("{name} allows {max} calls at once; wait until one has ended"),
        WindowName::Named(unit) => format!("per {}", unit.as_str()),
        WindowName::Seconds(seconds) => format!("in {seconds} s"),
    };
    let advice = match retry_after_ms {
        Some(ms) => format!("try again in {} s", ms.div_ceil(1000)),
        None => String::from("this call alone asks for more; ask for less"),
    };
    format!("{name} allows {max} {what} {span}; {advice}")
}

fn limit_name(counter: &str) -> String {
    if counter.contains(':') { String::from("the rate limit") } else { format!("the limit `{counter}`") }
}
