//! The scanner of ambiguous JSON agrees with `serde_json` on what JSON is, and lets nothing pass that it refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    if ostiary_policy::is_unambiguous_json(text) {
        assert!(serde_json::from_str::<&RawValue>(text.trim_matches([' ', '\t', '\r', '\n'])).is_ok(), "passes and is no JSON");
        // Deeper than this serde_json does not build values.
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
            // Nothing was dropped: as many members as the text has colons outside of strings.
            assert_eq!(members(&value), colons(text));
        }
    }
});

fn members(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::Array(items) => items.iter().map(members).sum(),
        serde_json::Value::Object(members_of) => members_of.len() + members_of.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

fn colons(text: &str) -> usize {
    let (mut count, mut is_string, mut is_escaped) = (0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_string = !is_string,
            b':' if !is_string => count += 1,
            _ => {}
        }
    }
    count
}
