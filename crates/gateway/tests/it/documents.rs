//! Policies that several tests use.

use serde_json::{Value, json};

/// Ten sessions a minute for each grant, as on the page that shows the language.
pub(crate) fn ten_sessions_a_minute() -> Value {
    sessions(10, "minute")
}

/// So many sessions in a window for each grant; users may be read.
pub(crate) fn sessions(max: u64, window: &str) -> Value {
    json!({
        "version": "1", "default": "deny",
        "tools": {
            "create_session": {
                "limits": [{"counter": "create_session_rate", "window": window, "max": max, "scope": "grant"}],
            },
            "get_*": {},
        },
    })
}

/// Everything.
pub(crate) fn allow_all() -> Value {
    json!({"version": "1", "default": "allow"})
}

/// Everything but one tool.
pub(crate) fn allow_all_but(tool: &str) -> Value {
    json!({"version": "1", "default": "allow", "tools": {tool: {"action": "deny", "reason": "Not now."}}})
}
