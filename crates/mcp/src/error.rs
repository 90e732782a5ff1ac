//! JSON-RPC errors: the standard's, the protocol's, and our own.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::envelope::RequestId;
use crate::version::SPOKEN;

/// Error codes. Ours stand outside -32768…-32000, which JSON-RPC and the protocol keep for themselves; but for the one of
/// a session that is not there, which is what servers on the official SDKs answer and what clients look for.
pub mod codes {
    /// The body is not JSON.
    pub const PARSE: i64 = -32700;
    /// The body is JSON but no message.
    pub const INVALID_REQUEST: i64 = -32600;
    /// Nobody knows the method.
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// The params do not fit the method.
    pub const INVALID_PARAMS: i64 = -32602;
    /// A fault of ours.
    pub const INTERNAL: i64 = -32603;
    /// Headers and body disagree.
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The protocol version is not spoken here.
    pub const UNSUPPORTED_VERSION: i64 = -32022;
    /// The session is unknown, has ended, belongs to somebody else, or was not named.
    pub const SESSION_NOT_FOUND: i64 = -32001;
    /// Policy refused it.
    pub const DENIED: i64 = -31001;
    /// No token, or one that is not valid.
    pub const UNAUTHENTICATED: i64 = -31002;
    /// No such endpoint for this caller.
    pub const NOT_FOUND: i64 = -31003;
    /// The message is larger than allowed.
    pub const TOO_LARGE: i64 = -31005;
    /// Too many calls, streams or sessions at once.
    pub const TOO_MANY: i64 = -31006;
    /// A browser page of an origin that is not allowed asks.
    pub const FORBIDDEN_ORIGIN: i64 = -31007;
    /// The client takes neither JSON nor an event stream, or sent something else than JSON.
    pub const NOT_ACCEPTABLE: i64 = -31008;
    /// The upstream could not be reached; nothing was sent.
    pub const UPSTREAM_UNREACHABLE: i64 = -31010;
    /// The upstream did not answer in time; the call may have run.
    pub const UPSTREAM_TIMEOUT: i64 = -31011;
    /// The upstream answered with something that cannot be passed on.
    pub const UPSTREAM_INVALID: i64 = -31012;
    /// The upstream answered with an HTTP error.
    pub const UPSTREAM_STATUS: i64 = -31013;
    /// The upstream's answer broke off; the call may have run.
    pub const UPSTREAM_INTERRUPTED: i64 = -31014;
    /// The client cancelled the request.
    pub const CANCELLED: i64 = -31015;
    /// The upstream asked for something that the client cannot give, or did not.
    pub const CLIENT_CANNOT: i64 = -31016;
    /// A part of the gateway that a call needs is out of order.
    pub const UNAVAILABLE: i64 = -31020;
}

/// A JSON-RPC error object that the gateway answers with.
#[derive(Debug, Clone)]
pub struct RpcError {
    code: i64,
    message: Cow<'static, str>,
    data: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Body<'a> {
    jsonrpc: &'static str,
    id: Option<RequestId<'a>>,
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    code: i64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

impl RpcError {
    /// An error with a code and a sentence. The sentence must hold no argument value, address or secret.
    #[must_use]
    pub fn new(code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The same error with `data` beside the message. Data that cannot be written is left out.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Self {
        self.data = to_raw_value(data).ok();
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The whole JSON-RPC message, answering `id`; the id is `null` where the request's could not be read.
    #[must_use]
    pub fn body(&self, id: Option<RequestId<'_>>) -> Vec<u8> {
        let error = ErrorObject { code: self.code, message: &self.message, data: self.data.as_deref() };
        // Numbers, strings and checked raw values always serialise; were that ever untrue, a bare error is still true.
        serde_json::to_vec(&Body { jsonrpc: "2.0", id, error }).unwrap_or_else(|_| {
            br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}"#.to_vec()
        })
    }

    /// The method is not known, or not carried.
    #[must_use]
    pub fn method_not_found() -> Self {
        Self::new(codes::METHOD_NOT_FOUND, "method not found")
    }

    /// The params do not fit the method.
    #[must_use]
    pub fn invalid_params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(codes::INVALID_PARAMS, message)
    }

    /// The message is not one the endpoint takes.
    #[must_use]
    pub fn invalid_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(codes::INVALID_REQUEST, message)
    }

    /// A fault of ours, of which the log knows more.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(codes::INTERNAL, "internal error of the gateway")
    }

    /// A version that is not spoken here, with those that are.
    #[must_use]
    pub fn unsupported_version(requested: &str) -> Self {
        #[derive(Serialize)]
        struct Data<'a> {
            supported: [&'static str; SPOKEN.len()],
            requested: &'a str,
        }
        let data = Data { supported: SPOKEN.map(crate::version::Revision::as_str), requested };
        Self::new(codes::UNSUPPORTED_VERSION, "unsupported protocol version").with_data(&data)
    }

    /// No token, or one that is not valid; one answer for every reason.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(codes::UNAUTHENTICATED, "a valid grant token is required")
    }

    /// No such endpoint for this caller; one answer whether it exists or not.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(codes::NOT_FOUND, "no such endpoint for this grant")
    }

    /// The session cannot be used; the client starts over with `initialize`.
    #[must_use]
    pub fn session_not_found() -> Self {
        Self::new(codes::SESSION_NOT_FOUND, "session not found; initialize again")
    }

    /// The message is larger than `max_bytes`.
    #[must_use]
    pub fn too_large(max_bytes: usize) -> Self {
        Self::new(codes::TOO_LARGE, format!("the message is larger than {max_bytes} bytes"))
    }

    /// Too many of `what` ("calls", "streams", "sessions") at once.
    #[must_use]
    pub fn too_many(what: &str) -> Self {
        Self::new(codes::TOO_MANY, format!("too many {what} at once; try again shortly"))
    }

    /// The page that asks is of an origin that is not allowed.
    #[must_use]
    pub fn forbidden_origin() -> Self {
        Self::new(codes::FORBIDDEN_ORIGIN, "requests from this origin are not allowed")
    }

    /// The `Accept` or `Content-Type` header rules out every answer.
    #[must_use]
    pub fn not_acceptable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(codes::NOT_ACCEPTABLE, message)
    }

    /// The upstream could not be reached; nothing was sent, so the call did not run.
    #[must_use]
    pub fn upstream_unreachable() -> Self {
        Self::new(codes::UPSTREAM_UNREACHABLE, "the server could not be reached; the call was not sent")
    }

    /// The upstream did not answer in time; the call may have run.
    #[must_use]
    pub fn upstream_timeout() -> Self {
        Self::new(codes::UPSTREAM_TIMEOUT, "the server did not answer in time; the call may have run")
    }

    /// The upstream's answer could not be read, and is not passed on unread.
    #[must_use]
    pub fn upstream_invalid() -> Self {
        Self::new(codes::UPSTREAM_INVALID, "the server's answer could not be read")
    }

    /// The upstream answered with the HTTP error `status`.
    #[must_use]
    pub fn upstream_status(status: u16) -> Self {
        Self::new(codes::UPSTREAM_STATUS, format!("the server answered with HTTP {status}"))
    }

    /// The upstream's answer broke off; the call may have run.
    #[must_use]
    pub fn upstream_interrupted() -> Self {
        Self::new(codes::UPSTREAM_INTERRUPTED, "the server's answer broke off; the call may have run")
    }

    /// A part that the call needs is out of order; nothing was sent.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(codes::UNAVAILABLE, "the gateway cannot decide calls right now; try again shortly")
    }
}

/// The answer to a request that has nothing to say: `ping`, `logging/setLevel`.
#[must_use]
pub fn empty_result(id: RequestId<'_>) -> Vec<u8> {
    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, id.as_raw()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Envelope;

    #[test]
    fn body_with_an_id_echoes_it_byte_for_byte() {
        let sent = br#"{"jsonrpc":"2.0","id":"\u0061/1","method":"ping"}"#;
        let id = Envelope::parse(sent).unwrap().id();
        assert_eq!(
            String::from_utf8(RpcError::method_not_found().body(id)).unwrap(),
            r#"{"jsonrpc":"2.0","id":"\u0061/1","error":{"code":-32601,"message":"method not found"}}"#
        );
        assert_eq!(empty_result(id.unwrap()), br#"{"jsonrpc":"2.0","id":"\u0061/1","result":{}}"#);
    }

    #[test]
    fn unsupported_version_names_what_is_offered() {
        let body: serde_json::Value =
            serde_json::from_slice(&RpcError::unsupported_version("2027-01-01").body(None)).unwrap();
        assert_eq!(body["id"], serde_json::Value::Null);
        assert_eq!(body["error"]["code"], -32022);
        assert_eq!(body["error"]["data"]["supported"], serde_json::json!(["2026-07-28", "2025-11-25", "2025-06-18"]));
        assert_eq!(body["error"]["data"]["requested"], "2027-01-01");
    }
}
