//! Answers of scripts, and the time of tests.

use std::sync::atomic::{AtomicI64, Ordering};

use redis::Value;

/// A time in place of the server's. Only tests set it.
#[derive(Debug)]
pub(super) struct GivenTime(AtomicI64);

/// No time is given.
const NONE: i64 = i64::MIN;

impl Default for GivenTime {
    fn default() -> Self {
        Self(AtomicI64::new(NONE))
    }
}

impl GivenTime {
    #[cfg(feature = "contract")]
    pub(super) fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }

    /// As scripts take it.
    pub(super) fn text(&self) -> String {
        match self.0.load(Ordering::Relaxed) {
            NONE => String::new(),
            now_ms => now_ms.to_string(),
        }
    }
}

/// The text of a value.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// The number of a value.
pub(super) fn number<N: std::str::FromStr + TryFrom<i64>>(value: &Value) -> Option<N> {
    match value {
        Value::Int(number) => N::try_from(*number).ok(),
        other => text(other)?.parse().ok(),
    }
}

/// The parts of a value.
pub(super) fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}
