//! A list with entries taken out is the list that decoding it, taking them out and encoding it would give; and one that
//! another reader finds an entry in that had to go is not passed on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ostiary_mcp::ListKind;
use ostiary_mcp::lists::{Filtered, filter};
use serde_json::Value;

/// Who has to go: names of an odd length.
fn is_kept(key: &str) -> bool {
    key.len() % 2 == 0
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, message)) = input.split_first() else { return };
    let expected = ListKind::ALL.get(usize::from(first) % 5).copied();
    let Ok(filtered) = filter(message, expected, |entry| is_kept(&entry.key)) else { return };
    let sent = match &filtered {
        Filtered::Unchanged => message,
        Filtered::Rewritten(sent) => sent.as_slice(),
    };
    // Deeper than this the other reader does not build values.
    let Ok(mut before) = serde_json::from_slice::<Value>(message) else { return };
    let after: Value = serde_json::from_slice(sent).expect("what is sent is JSON");
    let Some(result) = before.get_mut("result").and_then(Value::as_object_mut) else {
        assert_eq!(before, after);
        return;
    };
    for kind in ListKind::ALL {
        if let Some(Value::Array(entries)) = result.get_mut(kind.member()) {
            entries.retain(|entry| is_kept(entry[kind.key()].as_str().expect("an entry has a key")));
        }
    }
    assert_eq!(before, after);
});
