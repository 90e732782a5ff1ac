//! What an upstream answered, as far as the log and the limits need it.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The kind of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A result.
    Result,
    /// A result that says that the tool failed.
    ToolError,
    /// A JSON-RPC error with its code.
    RpcError(i64),
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ResultMembers {
    #[serde(rename = "isError", default)]
    is_error: bool,
}

#[derive(Deserialize)]
struct ErrorMembers {
    code: i64,
}

/// Reads a message as an answer; none when it is a request, a notification, or no message.
pub(crate) fn read(message: &[u8]) -> Option<Answer> {
    answer(&serde_json::from_slice(message).ok()?)
}

/// Reads a message as an answer, and whether it answers the request with the raw id `id`.
pub(crate) fn read_for(message: &[u8], id: &str) -> Option<(Answer, bool)> {
    let response = serde_json::from_slice::<Response<'_>>(message).ok()?;
    let is_its = response.id.is_some_and(|raw| is_same_id(raw.get(), id));
    answer(&response).map(|answer| (answer, is_its))
}

fn answer(response: &Response<'_>) -> Option<Answer> {
    if response.method.is_some() {
        return None;
    }
    if let Some(error) = response.error {
        // An error without a code that can be read is an error still.
        let code = serde_json::from_str::<ErrorMembers>(error.get()).map_or(0, |error| error.code);
        return Some(Answer::RpcError(code));
    }
    let result = response.result?;
    let is_error = serde_json::from_str::<ResultMembers>(result.get()).is_ok_and(|result| result.is_error);
    Some(if is_error { Answer::ToolError } else { Answer::Result })
}

/// Whether two raw ids are one: servers may write them in another way than they came.
pub(crate) fn is_same_id(left: &str, right: &str) -> bool {
    let value = |raw: &str| serde_json::from_str::<serde_json::Value>(raw).ok();
    left == right
        || match (value(left), value(right)) {
            (Some(left), Some(right)) if left.is_number() => left.as_f64() == right.as_f64(),
            (left, right) => left.is_some() && left == right,
        }
}

/// Whether a message is a request: it has a method and wants an answer.
pub(crate) fn is_request(message: &[u8]) -> bool {
    serde_json::from_slice::<Response<'_>>(message)
        .is_ok_and(|message| message.method.is_some() && message.id.is_some())
}

/// Whether a message is a JSON-RPC error, and nothing else, that answers the request with the raw id `id`.
pub(crate) fn is_error_for(message: &[u8], id: &str) -> bool {
    serde_json::from_slice::<Response<'_>>(message).is_ok_and(|response| {
        let is_error = response.error.is_some() && response.method.is_none() && response.result.is_none();
        is_error && response.id.is_some_and(|raw| raw.get() == id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_told_apart() {
        for (message, answer) in [
            (r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#, Some(Answer::Result)),
            (r#"{"id":1,"result":{"content":[],"isError":true}}"#, Some(Answer::ToolError)),
            (r#"{"id":1,"result":{"isError":"yes"}}"#, Some(Answer::Result)),
            (r#"{"id":1,"result":[]}"#, Some(Answer::Result)),
            (r#"{"id":1,"error":{"code":-32601,"message":""}}"#, Some(Answer::RpcError(-32601))),
            (r#"{"id":1,"error":"no"}"#, Some(Answer::RpcError(0))),
            (r#"{"method":"notifications/progress","params":{}}"#, None),
            (r#"{"id":1,"method":"sampling/createMessage","params":{}}"#, None),
            ("<html>", None),
            ("[]", None),
            ("{}", None),
        ] {
            assert_eq!(read(message.as_bytes()), answer, "{message}");
        }
    }

    #[test]
    fn answer_is_for_a_request_only_with_its_id() {
        for (id, asked, is_its) in [
            ("7", "7", true),
            ("7.0", "7", true),
            (r#""a""#, r#""a""#, true),
            (r#""\u0061""#, r#""a""#, true),
            ("8", "7", false),
            (r#""7""#, "7", false),
            ("null", "7", false),
        ] {
            let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
            let answer = read_for(message.as_bytes(), asked);
            assert_eq!(answer, Some((Answer::Result, is_its)), "{id} for {asked}");
        }
        assert_eq!(read_for(br#"{"jsonrpc":"2.0","method":"notifications/progress"}"#, "7"), None);
    }

    #[test]
    fn error_is_for_a_request_only_with_its_id() {
        let message = br#"{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"x"}}"#;
        assert!(is_error_for(message, "\"a\""));
        assert!(!is_error_for(message, "\"b\""));
        assert!(!is_error_for(br#"{"id":"a","result":{}}"#, "\"a\""));
        assert!(!is_error_for(br#"{"id":"a","error":{"code":1},"result":{"tools":[]}}"#, "\"a\""));
    }
}
