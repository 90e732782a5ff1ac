//! `initialize`: what either side says it can, less what the gateway does not carry.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::json;
use crate::object::once;

pub use crate::object::EditError;

/// Capabilities that are dropped from what is passed on: advertised, they would be used, and would not work.
///
/// Tasks: a result that arrives later and by another method would pass by the decision that let its call through.
const NOT_CARRIED: &[&str] = &["tasks"];

/// The longest name or version of a client that is kept, in characters.
const MAX_IMPLEMENTATION_CHARS: usize = 128;

/// A message after its capabilities were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// Send the bytes as they came.
    Unchanged,
    /// Send these instead.
    Rewritten(Vec<u8>),
}

/// What an upstream answers to `initialize`, raw where nobody looks inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitializeResult<'a> {
    /// The revision that it chose.
    pub protocol_version: Cow<'a, str>,
    /// Its capabilities, raw.
    pub capabilities: &'a str,
    /// Name and version of the server, raw.
    pub server_info: Option<&'a str>,
}

/// Drops from the answer to `initialize` the capabilities that are not carried. A JSON-RPC error stays as it is.
///
/// # Errors
/// [`EditError`]; the answer must then not be passed on.
pub fn edit_initialize_response(message: &[u8]) -> Result<Edited, EditError> {
    edit(message, "result")
}

/// Drops from an `initialize` request the client's capabilities that are not carried.
///
/// # Errors
/// [`EditError`]; the request must then not be sent.
pub fn edit_initialize_request(body: &[u8]) -> Result<Edited, EditError> {
    edit(body, "params")
}

/// Reads the answer to `initialize`; `None` when it is an error or something else.
#[must_use]
pub fn initialize_result(message: &[u8]) -> Option<InitializeResult<'_>> {
    let text = json::check(message).ok()?;
    let result = once(text, "result").ok()??;
    Some(InitializeResult {
        protocol_version: json::string(once(result, "protocolVersion").ok()??)?,
        capabilities: once(result, "capabilities").ok()??,
        server_info: once(result, "serverInfo").ok()?,
    })
}

fn edit(message: &[u8], part: &str) -> Result<Edited, EditError> {
    let text = json::check(message)?;
    if !json::is_object(text) {
        return Err(EditError::Shape);
    }
    let Some(part) = once(text, part)? else {
        return if once(text, "error")?.is_some() { Ok(Edited::Unchanged) } else { Err(EditError::Shape) };
    };
    let capabilities = once(part, "capabilities")?.filter(|raw| json::is_object(raw)).ok_or(EditError::Shape)?;
    let Some(fewer) = without(capabilities, NOT_CARRIED)? else {
        return Ok(Edited::Unchanged);
    };
    let range = json::offset_in(text, capabilities).ok_or(EditError::Shape)?;
    let before = text.get(..range.start).ok_or(EditError::Shape)?;
    let after = text.get(range.end..).ok_or(EditError::Shape)?;
    Ok(Edited::Rewritten([before, &fewer, after].concat().into_bytes()))
}

/// The object without the members `names`; `None` when it has none of them.
fn without(object: &str, names: &[&str]) -> Result<Option<String>, EditError> {
    let mut kept = Vec::new();
    let mut removed = false;
    for member in json::members(object) {
        let key = member.key().ok_or(EditError::Unreadable)?;
        if names.iter().any(|name| key == *name || json::is_variant_of(&key, name)) {
            removed = true;
        } else {
            kept.push(object.get(member.span()).ok_or(EditError::Unreadable)?);
        }
    }
    Ok(removed.then(|| format!("{{{}}}", kept.join(","))))
}

/// What a program says of itself in `clientInfo` or `serverInfo`. Anybody can say anything here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Implementation {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

impl Implementation {
    /// Reads a raw `clientInfo`. What is missing or no string is `None`; long texts are cut.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        let text = |name| {
            let text = json::string(once(raw, name).ok()??)?;
            Some(text.chars().take(MAX_IMPLEMENTATION_CHARS).collect())
        };
        Self { name: text("name"), version: text("version") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(edited: Result<Edited, EditError>) -> String {
        match edited {
            Ok(Edited::Rewritten(bytes)) => String::from_utf8(bytes).unwrap(),
            other => panic!("not rewritten: {other:?}"),
        }
    }

    #[test]
    fn edit_drops_what_is_not_carried_and_keeps_the_rest() {
        let message = br#"{"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{ "listChanged":true}, "tasks":{"list":{}},"experimental":{"x":{}}},"serverInfo":{"name":"s"}}}"#;
        assert_eq!(
            rewritten(edit_initialize_response(message)),
            r#"{"id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{ "listChanged":true},"experimental":{"x":{}}},"serverInfo":{"name":"s"}}}"#
        );
        let only = br#"{"id":1,"method":"initialize","params":{"capabilities":{"t\u0061sks":{}}}}"#;
        assert_eq!(
            rewritten(edit_initialize_request(only)),
            r#"{"id":1,"method":"initialize","params":{"capabilities":{}}}"#
        );
    }

    #[test]
    fn edit_with_nothing_to_drop_leaves_the_bytes_alone() {
        let message = br#"{"id":1,"result":{"capabilities":{"tools":{"tasks":1}}}}"#;
        assert_eq!(edit_initialize_response(message), Ok(Edited::Unchanged));
        let error = br#"{"id":1,"error":{"code":1,"message":""}}"#;
        assert_eq!(edit_initialize_response(error), Ok(Edited::Unchanged));
    }

    #[test]
    fn edit_of_odd_messages_refuses_them() {
        for (message, expected) in [
            (&b"<html>"[..], EditError::Unreadable),
            (b"[]", EditError::Shape),
            (br#"{"id":1,"result":{}}"#, EditError::Shape),
            (br#"{"id":1,"result":{"capabilities":[]}}"#, EditError::Shape),
            (br#"{"id":1,"result":{"capabilities":{},"Capabilities":{"tasks":{}}}}"#, EditError::Ambiguous),
            (br#"{"id":1,"result":{"capabilities":{}},"result":{}}"#, EditError::Ambiguous),
        ] {
            assert_eq!(edit_initialize_response(message), Err(expected));
        }
    }

    #[test]
    fn initialize_result_of_an_answer_has_its_parts() {
        let message = br#"{"id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}"#;
        let result = initialize_result(message).unwrap();
        assert_eq!(result.protocol_version, "2025-06-18");
        assert_eq!(result.capabilities, "{}");
        assert_eq!(Implementation::of(result.server_info.unwrap()).name.as_deref(), Some("s"));
        assert_eq!(initialize_result(br#"{"id":1,"error":{}}"#), None);
    }

    #[test]
    fn implementation_of_odd_values_is_cut_or_empty() {
        let long = format!(r#"{{"name":"{}","version":3}}"#, "é".repeat(500));
        let read = Implementation::of(&long);
        assert_eq!(read.name.unwrap().chars().count(), MAX_IMPLEMENTATION_CHARS);
        assert_eq!(read.version, None);
        assert_eq!(Implementation::of("[]"), Implementation::default());
    }
}
