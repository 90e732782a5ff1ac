//! The record of a call, as complete as it can be before the limits had their say.

use std::borrow::Cow;
use std::fmt;

use ostiary_mcp::Method;
use ostiary_model::DecisionId;
use ostiary_model::decision::Decision;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::stage::authenticate::Caller;
use crate::stage::decide::Decided;
use crate::stage::parse::{Message, Target};
use crate::state::State;

/// Bounds of what a caller can write into the log.
const MAX_TARGET_CHARS: usize = 1024;
const MAX_NAMES: usize = 64;
const MAX_NAME_CHARS: usize = 128;
/// Hex characters of the session's hash: enough to tell the sessions of an account apart.
const SESSION_CHARS: usize = 16;

/// The record of a call.
pub(crate) fn record(
    state: &State,
    caller: &Caller,
    message: &Message<'_>,
    target: Target<'_>,
    decided: &Decided,
    session_hash: Option<&str>,
) -> Decision {
    let account_id = caller.account_id();
    let params = message.envelope.params();
    let arguments = params.and_then(|params| params.arguments);
    let client = message.client();
    let denial = decided.denial();
    let hash = |arguments: &str| state.hasher.hash(account_id, "arguments", arguments.as_bytes());
    Decision {
        id: DecisionId::generate(),
        time: state.clock.now(),
        account_id,
        server_id: caller.server().id,
        server_slug: caller.server().slug.as_str().to_owned(),
        grant_id: caller.grant.grant.id,
        grant_label: caller.grant.grant.label.as_str().to_owned(),
        session: session_hash.map(|hash| cut(hash, SESSION_CHARS)),
        client_name: client.and_then(|client| client.name.clone()),
        client_version: client.and_then(|client| client.version.clone()),
        protocol_version: message.revision().map(|revision| revision.as_str().to_owned()),
        method: message.envelope.method().and_then(Method::as_str).unwrap_or_default().to_owned(),
        target: Some(cut(target.as_str(), MAX_TARGET_CHARS)),
        category: decided.category(),
        policy_id: caller.endpoint.policy.as_ref().map(|policy| policy.id),
        policy_version: caller.endpoint.policy.as_ref().map(|policy| policy.version),
        mode: caller.endpoint.mode,
        outcome: decided.outcome(),
        code: denial.map(|denial| denial.code.as_str().to_owned()),
        rule: denial.and_then(|denial| denial.rule.as_ref()).map(|rule| rule.as_str().to_owned()),
        message: denial.map(|denial| denial.message.to_string()),
        argument_names: arguments.map(names).unwrap_or_default(),
        argument_hash: arguments.map(hash),
        trace_id: trace_id(message),
        bytes_in: i64::try_from(message.body.len()).unwrap_or(i64::MAX),
        gateway_us: i64::try_from(message.arrived.elapsed().as_micros()).unwrap_or(i64::MAX),
        ending: None,
    }
}

fn cut(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}

/// The names of the members of an object, in its order; the values are skipped, not read.
fn names(object: &str) -> Vec<String> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some(Name(name)) = map.next_key()? {
                map.next_value::<IgnoredAny>()?;
                if names.len() < MAX_NAMES {
                    names.push(cut(&name, MAX_NAME_CHARS));
                }
            }
            Ok(names)
        }
    }

    serde_json::Deserializer::from_str(object).deserialize_map(Names).unwrap_or_default()
}

/// A member's name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The trace that the caller names in `_meta`, or in the header (W3C Trace Context): `_meta` is nearer to the call.
fn trace_id(message: &Message<'_>) -> Option<String> {
    let meta = message.envelope.params().and_then(|params| params.meta.traceparent.as_deref());
    let header = || message.headers.get("traceparent").and_then(|value| value.to_str().ok());
    let mut parts = meta.or_else(header)?.split('-');
    let (_version, trace_id) = (parts.next()?, parts.next()?);
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let is_id = trace_id.len() == 32 && trace_id.bytes().all(is_hex) && trace_id.bytes().any(|b| b != b'0');
    is_id.then(|| trace_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_an_object_are_its_keys_and_no_values() {
        assert_eq!(names(r#"{"amount":5,"to":{"deep":[1]},"a\u0062":null}"#), ["amount", "to", "ab"]);
        assert!(names("{}").is_empty());
    }

    #[test]
    fn names_are_bounded() {
        let many: Vec<String> = (0..200).map(|i| format!("\"k{i}\":1")).collect();
        assert_eq!(names(&format!("{{{}}}", many.join(","))).len(), MAX_NAMES);
        assert_eq!(names(&format!("{{\"{}\":1}}", "x".repeat(5000)))[0].len(), MAX_NAME_CHARS);
    }
}
