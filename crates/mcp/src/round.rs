//! Requests that take more than one round: a server asks for input, and the client repeats the request with it.
//!
//! SECURITY: what the server gives the client to bring back (`requestState`) is in the client's hands between the
//! rounds. The gateway wraps it, so that it comes back to the upstream, the grant and the request that it was made for.

use std::borrow::Cow;

use crate::json;
use crate::object::{EditError, object_in, once, quoted, with};

/// What a server that asks for input wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRequired<'a> {
    /// Its requests by their keys, raw.
    pub requests: Vec<(Cow<'a, str>, &'a str)>,
    /// What to bring back, decoded.
    pub state: Option<Cow<'a, str>>,
}

/// Reads a message as a result that asks for input; `None` when it is something else.
#[must_use]
pub fn input_required(message: &[u8]) -> Option<InputRequired<'_>> {
    let text = json::check(message).ok()?;
    let result = asking(text).ok()??;
    let requests = once(result, "inputRequests").ok()?.unwrap_or("{}");
    let requests: Option<Vec<_>> =
        json::members(requests).map(|member| member.key().map(|key| (key, member.value))).collect();
    let state = once(result, "requestState").ok()?.map(json::string);
    let state = match state {
        Some(None) => return None,
        Some(state) => state,
        None => None,
    };
    Some(InputRequired { requests: requests?, state })
}

/// The message with another `requestState`, when it is a result that asks for input and has one.
///
/// # Errors
/// [`EditError`], also for a state that is no text; the message must then not be passed on.
pub fn wrap_state(message: &[u8], wrap: impl FnOnce(&str) -> String) -> Result<Option<Vec<u8>>, EditError> {
    let text = json::check(message)?;
    let Some(result) = asking(text)? else { return Ok(None) };
    let Some(raw) = once(result, "requestState")? else { return Ok(None) };
    let state = json::string(raw).ok_or(EditError::Shape)?;
    let result = with(result, &[("requestState", Some(quoted(&wrap(&state)).into()))])?;
    with(text, &[("result", Some(result.into()))]).map(|text| Some(text.into_bytes()))
}

/// A request with another `requestState`.
///
/// # Errors
/// [`EditError`]; the request must then not be sent.
pub fn replace_state(body: &[u8], state: &str) -> Result<Vec<u8>, EditError> {
    edit_params(body, &[("requestState", Some(quoted(state).into()))])
}

/// A request repeated with what was asked for: `responses` are raw results by their keys.
///
/// # Errors
/// [`EditError`]; the request must then not be sent.
pub fn answer(body: &[u8], responses: &[(String, String)], state: Option<&str>) -> Result<Vec<u8>, EditError> {
    let responses: Vec<String> = responses.iter().map(|(key, raw)| format!("{}:{raw}", quoted(key))).collect();
    let responses = format!("{{{}}}", responses.join(","));
    let state = state.map(|state| quoted(state).into());
    edit_params(body, &[("inputResponses", Some(responses.into())), ("requestState", state)])
}

/// The capability that a client must have declared to be asked something, by the method.
const NEEDED: [(&str, &str); 3] =
    [("elicitation/create", "elicitation"), ("sampling/createMessage", "sampling"), ("roots/list", "roots")];

/// Whether a client that declared `capabilities` may be asked what a server asks.
#[must_use]
pub fn is_declared(asked: &str, capabilities: &str) -> bool {
    let Ok(Some(method)) = once(asked, "method") else { return false };
    let method = json::string(method);
    let needed = NEEDED.iter().find(|(name, _)| method.as_deref() == Some(name));
    needed
        .is_some_and(|(_, capability)| matches!(once(capabilities, capability), Ok(Some(raw)) if json::is_object(raw)))
}

/// What a server asks, as a request of the era that has such requests. `id` is raw.
///
/// # Errors
/// [`EditError`]; it must then not be sent.
pub fn to_request(asked: &str, id: &str) -> Result<Vec<u8>, EditError> {
    let mut changes = vec![("jsonrpc", Some("\"2.0\"".into())), ("id", Some(id.into()))];
    let params = object_in(asked, "params")?;
    if once(params, "mode")?.and_then(json::string).as_deref() == Some("url") {
        // A page to visit has an id in that era.
        let params = with(params, &[("elicitationId", Some(id.into()))])?;
        changes.push(("params", Some(params.into())));
    }
    with(asked, &changes).map(String::into_bytes)
}

fn edit_params(body: &[u8], changes: &[(&str, Option<Cow<'_, str>>)]) -> Result<Vec<u8>, EditError> {
    let text = json::check(body)?;
    let params = once(text, "params")?.unwrap_or("{}");
    let params = with(params, changes)?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

/// The result of a message when it asks for input.
fn asking(text: &str) -> Result<Option<&str>, EditError> {
    let Some(result) = once(text, "result")?.filter(|raw| json::is_object(raw)) else { return Ok(None) };
    let kind = once(result, "resultType")?.and_then(json::string);
    Ok((kind.as_deref() == Some("input_required")).then_some(result))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: &[u8] = br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}},"requestState":"s\u0031","x":1}}"#;

    #[test]
    fn input_required_is_read() {
        let asked = input_required(ASKS).unwrap();
        assert_eq!(asked.requests, [("a".into(), r#"{"method":"roots/list"}"#)]);
        assert_eq!(asked.state.as_deref(), Some("s1"));
        assert_eq!(input_required(br#"{"id":1,"result":{"resultType":"complete"}}"#), None);
        assert_eq!(input_required(br#"{"id":1,"result":{"resultType":"input_required","requestState":1}}"#), None);
    }

    #[test]
    fn what_is_asked_becomes_a_request_of_those_who_can() {
        let asked = r#"{"method":"elicitation/create","params":{"mode":"url","url":"https://x"}}"#;
        assert!(is_declared(asked, r#"{"elicitation":{}}"#));
        assert!(!is_declared(asked, r#"{"sampling":{}}"#));
        assert!(!is_declared(r#"{"method":"ping"}"#, r#"{"ping":{}}"#));
        assert_eq!(
            String::from_utf8(to_request(asked, "7").unwrap()).unwrap(),
            r#"{"method":"elicitation/create","params":{"mode":"url","url":"https://x","elicitationId":7},"jsonrpc":"2.0","id":7}"#
        );
    }

    #[test]
    fn state_is_wrapped_and_everything_else_stays() {
        let wrapped = wrap_state(ASKS, |state| format!("<{state}>")).unwrap().unwrap();
        let text = String::from_utf8(wrapped).unwrap();
        assert!(text.ends_with(r#""requestState":"<s1>","x":1}}"#), "{text}");
        assert_eq!(wrap_state(br#"{"id":1,"result":{}}"#, |_| String::new()), Ok(None));
    }

    #[test]
    fn answer_repeats_the_request_with_responses_and_state() {
        let body = br#"{"id":1,"method":"tools/call","params":{"name":"a","requestState":"old"}}"#;
        let next = answer(body, &[("k\"".to_owned(), r#"{"action":"accept"}"#.to_owned())], Some("s")).unwrap();
        assert_eq!(
            String::from_utf8(next).unwrap(),
            r#"{"id":1,"method":"tools/call","params":{"name":"a","requestState":"s","inputResponses":{"k\"":{"action":"accept"}}}}"#
        );
        let without = answer(body, &[], None).unwrap();
        assert!(!String::from_utf8(without).unwrap().contains("requestState"));
        assert!(String::from_utf8(replace_state(body, "n").unwrap()).unwrap().contains(r#""requestState":"n""#));
    }
}
