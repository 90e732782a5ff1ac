//! The protocol revision that an `initialize` message names, replaced where it stands.

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    params: Option<Versioned<'a>>,
    #[serde(borrow)]
    result: Option<Versioned<'a>>,
}

#[derive(Deserialize)]
struct Versioned<'a> {
    #[serde(borrow, rename = "protocolVersion")]
    protocol_version: &'a RawValue,
}

/// The message with another revision; every other byte as it came. None when it names no revision, or names it twice.
pub(super) fn replace(message: &[u8], revision: &'static str) -> Option<Vec<u8>> {
    let parsed: Message<'_> = serde_json::from_slice(message).ok()?;
    let raw = parsed.params.or(parsed.result)?.protocol_version.get();
    // The raw value borrows from the message, so the difference of their addresses is where it stands.
    let start = (raw.as_ptr() as usize).checked_sub(message.as_ptr() as usize)?;
    let (before, rest) = message.split_at_checked(start)?;
    let after = rest.strip_prefix(raw.as_bytes())?;
    Some([before, b"\"", revision.as_bytes(), b"\"", after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(message: &str) -> Option<String> {
        replace(message.as_bytes(), "2025-11-25").map(|bytes| String::from_utf8(bytes).expect("text"))
    }

    #[test]
    fn replace_changes_the_revision_and_nothing_else() {
        assert_eq!(
            replaced(r#"{"id":1,"params":{ "x" : 1.0,"protocolVersion" : "2026-07-28" ,"capabilities":{}}}"#)
                .as_deref(),
            Some(r#"{"id":1,"params":{ "x" : 1.0,"protocolVersion" : "2025-11-25" ,"capabilities":{}}}"#)
        );
        assert_eq!(
            replaced(r#"{"result":{"protocolVersion":"2025-03-26"},"id":1}"#).as_deref(),
            Some(r#"{"result":{"protocolVersion":"2025-11-25"},"id":1}"#)
        );
    }

    #[test]
    fn replace_without_one_revision_is_none() {
        for message in ["", "[]", r#"{"params":{}}"#, r#"{"params":{"protocolVersion":"a","protocolVersion":"b"}}"#] {
            assert_eq!(replaced(message), None, "{message}");
        }
    }
}
