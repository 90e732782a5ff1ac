//! Messages under the names of the account's endpoint: what becomes of them does not depend on how they are cut, and is
//! what decoding them, naming their resources and encoding them would give.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ostiary_mcp::resource_names::ResourceNames;
use ostiary_mcp::said::{Said, updated_at, with_id, with_request_id};
use serde_json::Value;

fn named(pieces: &[&[u8]]) -> Vec<u8> {
    let mut names = ResourceNames::of("s");
    pieces.iter().flat_map(|piece| names.push(piece).unwrap_or_else(|| piece.to_vec())).collect()
}

/// The same message without what stands before the URIs of resources.
fn bare(message: &Value) -> Value {
    match message {
        Value::String(text) => Value::String(text.replace("ostiary+s:", "")),
        Value::Array(items) => items.iter().map(bare).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), bare(value))).collect(),
        other => other.clone(),
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&cut, message)) = input.split_first() else { return };
    let whole = named(&[message]);
    let (left, right) = message.split_at(usize::from(cut).min(message.len()));
    assert_eq!(named(&[left, right]), whole);
    // Deeper than this the other reader does not build values.
    if let Ok(before) = serde_json::from_slice::<Value>(message) {
        let after: Value = serde_json::from_slice(&whole).expect("what was JSON is JSON");
        assert_eq!(bare(&after), bare(&before));
    }
    let is_json = |edited: Vec<u8>| serde_json::from_slice::<&serde_json::value::RawValue>(&edited).is_ok();
    match Said::of(message) {
        Ok(Some(Said::Request { .. })) => assert!(with_id(message, "\"a\"").is_ok_and(is_json)),
        Ok(Some(Said::Updated { uri })) => assert!(updated_at(message, "s", &uri).is_ok_and(is_json)),
        Ok(Some(Said::Cancelled { .. })) => assert!(with_request_id(message, "1").is_ok_and(is_json)),
        _ => {}
    }
});
