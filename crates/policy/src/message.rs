//! The engine's own sentences. They say what to change and never hold an argument's value.

use crate::amount::Amount;
use crate::limit::{Charge, PlannedLimit, WindowName};

/// One call, in micro-units.
const ONE_CALL: u64 = 1_000_000;

/// Such as "the limit `calls` allows 10 calls per minute; try again in 42 s".
pub(crate) fn limit_exceeded(limit: &PlannedLimit, charge: &Charge, retry_after_ms: Option<u64>) -> String {
    let max = Amount::from_micros(limit.max_micros);
    let name = limit_name(&charge.counter.name);
    let calls = if limit.max_micros == ONE_CALL { "call" } else { "calls" };
    let what = if charge.amount_micros == 0 && charge.count_micros > 0 { calls } else { "in total" };
    let span = match limit.window {
        WindowName::Concurrent(_) => return format!("{name} allows {max} {calls} at once; wait until one has ended"),
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

#[cfg(test)]
mod tests {
    use crate::limit::ExceededLimit;
    use crate::{Arguments, Call, Category, Evaluation, ToolFacts, parse};

    fn message(limit: &str, retry_after_ms: Option<u64>) -> String {
        let text = format!(r#"{{"version":"1","default":"deny","tools":{{"t":{{"limits":[{limit}]}}}}}}"#);
        let program = parse(&text).expect("a valid document").compile();
        let facts = ToolFacts::new(Category::Other);
        let call = Call::tool("t", Some(&facts), Arguments::Json(r#"{"n":3}"#), chrono::DateTime::default());
        let Evaluation::Proceed(proceed) = program.evaluate(&call) else { panic!("nothing denies it") };
        let exceeded = ExceededLimit { limit: 0, used_micros: 0, retry_after_ms };
        proceed.limits.expect("amounts are numbers").denial(&[exceeded]).message.to_string()
    }

    #[test]
    fn limit_exceeded_says_what_is_allowed_and_when_to_try_again() {
        for (limit, retry, expected) in [
            (
                r#"{"counter":"c","window":"minute","max":10}"#,
                Some(41_870),
                "the limit `c` allows 10 calls per minute; try again in 42 s",
            ),
            (
                r#"{"counter":"c","window":90,"max":1}"#,
                Some(1),
                "the limit `c` allows 1 call in 90 s; try again in 1 s",
            ),
            (
                r#"{"counter":"c","window":"day","max":2.5,"amount":"args.n"}"#,
                None,
                "the limit `c` allows 2.5 in total per day; this call alone asks for more; ask for less",
            ),
            (
                r#"{"counter":"c","concurrent":1}"#,
                None,
                "the limit `c` allows 1 call at once; wait until one has ended",
            ),
        ] {
            assert_eq!(message(limit, retry), expected);
        }
    }
}
