//! What each request is answered during each fault, as `docs/failures.md` has it.

use std::time::Duration;

use crate::faults::Fault;
use crate::faults::probe::Probe;

/// Whether an answer is the documented one while the fault lasts.
pub(super) fn is_documented(fault: Fault, probe: Probe, answer: &str) -> bool {
    allowed(fault, probe).contains(&answer)
}

fn allowed(fault: Fault, probe: Probe) -> &'static [&'static str] {
    const OK: &[&str] = &["HTTP 200"];
    const AWAY: &[&str] = &["HTTP 503"];
    const EITHER: &[&str] = &["HTTP 200", "HTTP 503"];
    const CALLS: &[&str] = &["forwarded"];
    const LIMITED: &[&str] = &["forwarded", "denied: limit_exceeded"];
    match (fault, probe) {
        // Nobody can say what is newest, or count.
        (Fault::RedisStopped | Fault::RedisFrozen, Probe::Free) => &["denied: log_unavailable"],
        (Fault::RedisStopped | Fault::RedisFrozen, Probe::Few | Probe::Brisk) => {
            &["denied: limits_unavailable", "denied: log_unavailable"]
        }
        (Fault::RedisStopped | Fault::RedisFrozen, Probe::Read) => OK,
        (Fault::RedisStopped | Fault::RedisFrozen, _) => AWAY,
        // What is in Redis is enough for grants that have been read; nothing else can be read.
        (Fault::PostgresStopped | Fault::PostgresFrozen, Probe::Free) => CALLS,
        (Fault::PostgresStopped | Fault::PostgresFrozen, Probe::Few | Probe::Brisk) => LIMITED,
        (Fault::PostgresStopped | Fault::PostgresFrozen, Probe::List) => OK,
        (Fault::PostgresStopped | Fault::PostgresFrozen, _) => AWAY,
        // Connections that are open go on.
        (Fault::PostgresFull, Probe::Free) => &["forwarded", "HTTP 503"],
        (Fault::PostgresFull, Probe::Few | Probe::Brisk) => &["forwarded", "denied: limit_exceeded", "HTTP 503"],
        (Fault::PostgresFull, _) => EITHER,
        // A new history: everything is read again, and goes on.
        (Fault::RedisFailedOver, Probe::Free) => CALLS,
        (Fault::RedisFailedOver, Probe::Few | Probe::Brisk) => LIMITED,
        // What was taken before is not known: a window is refused until it has passed.
        (Fault::RedisOld | Fault::RedisEmptied, Probe::Free) => CALLS,
        (Fault::RedisOld | Fault::RedisEmptied, Probe::Few) => &["denied: limits_unavailable"],
        (Fault::RedisOld | Fault::RedisEmptied, Probe::Brisk) => {
            &["denied: limits_unavailable", "forwarded", "denied: limit_exceeded"]
        }
        (Fault::RedisFailedOver | Fault::RedisOld | Fault::RedisEmptied, _) => OK,
    }
}

/// Whether an answer is that of a whole installation. After Redis has lost what it held, a day has to pass.
pub(super) fn is_well(fault: Fault, probe: Probe, answer: &str) -> bool {
    match probe {
        Probe::Free | Probe::Brisk => answer == "forwarded",
        Probe::Few if fault.forgets() => answer == "denied: limits_unavailable",
        Probe::Few => matches!(answer, "forwarded" | "denied: limit_exceeded"),
        _ => answer == "HTTP 200",
    }
}

/// The longest that an answer may take.
pub(super) const fn bound(probe: Probe) -> Duration {
    match probe {
        // Redis is waited for, and then the log.
        Probe::Free | Probe::Few | Probe::Brisk | Probe::List => Duration::from_secs(6),
        Probe::ProxyReady | Probe::ApiReady => Duration::from_secs(3),
        // A connection, and a statement or two.
        Probe::NewAgent | Probe::Change | Probe::Read => Duration::from_secs(14),
    }
}
