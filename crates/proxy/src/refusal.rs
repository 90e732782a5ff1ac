//! Requests that are answered by the gateway itself, with an error: one constructor for each case.
//!
//! Transport faults are HTTP statuses with a JSON-RPC body, because clients choke on anything else. What goes wrong
//! behind the gateway is a JSON-RPC error in an HTTP 200 when there is a request to answer: clients take a 5xx for a
//! broken connection and give up the session.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use ostiary_egress::EgressError;
use ostiary_mcp::envelope::{EnvelopeError, RequestId, RequestIdBuf};
use ostiary_mcp::error::{RpcError, codes};
use ostiary_mcp::modern::ModernFault;
use ostiary_mcp::version::Era;
use ostiary_model::AccountId;

use crate::body::Body;

macro_rules! reasons {
    ($($variant:ident = $text:literal,)+) => {
        /// Why a request was answered by the gateway itself. A closed set: the label of a count and of a log line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Reason { $($variant,)+ }

        impl Reason {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

reasons! {
    Unauthenticated = "unauthenticated",
    NotFound = "not_found",
    MethodNotAllowed = "method_not_allowed",
    ForbiddenOrigin = "forbidden_origin",
    ForbiddenHost = "forbidden_host",
    HeadersTooLarge = "headers_too_large",
    NotAcceptable = "not_acceptable",
    UnsupportedMediaType = "unsupported_media_type",
    BodyTooLarge = "body_too_large",
    BodyTimeout = "body_timeout",
    BodyBroken = "body_broken",
    Malformed = "malformed",
    UnsupportedVersion = "unsupported_version",
    HeaderMismatch = "header_mismatch",
    SessionMissing = "session_missing",
    SessionNotFound = "session_not_found",
    TooManyCalls = "too_many_calls",
    TooManyStreams = "too_many_streams",
    TooManySessions = "too_many_sessions",
    TooManyWrongTokens = "too_many_wrong_tokens",
    UnknownMethod = "unknown_method",
    InvalidParams = "invalid_params",
    Unavailable = "unavailable",
    CircuitOpen = "circuit_open",
    UpstreamUnreachable = "upstream_unreachable",
    UpstreamTimeout = "upstream_timeout",
    UpstreamInvalid = "upstream_invalid",
    UpstreamStatus = "upstream_status",
    UpstreamInterrupted = "upstream_interrupted",
    Cancelled = "cancelled",
    ClientCannot = "client_cannot",
    NoLongerAllowed = "no_longer_allowed",
}

/// An answer that is an error, ready but for the request's id.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    reason: Reason,
    status: StatusCode,
    error: RpcError,
    id: Option<RequestIdBuf>,
    header: Option<(HeaderName, HeaderValue)>,
    account_id: Option<AccountId>,
}

impl Refusal {
    fn new(reason: Reason, status: StatusCode, error: RpcError) -> Self {
        Self(Box::new(Parts { reason, status, error, id: None, header: None, account_id: None }))
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// The same, as the answer to a request.
    pub(crate) fn to(mut self, id: Option<RequestId<'_>>) -> Self {
        self.0.id = id.map(RequestId::to_owned).or(self.0.id);
        self
    }

    /// The same, to be counted for an account.
    pub(crate) fn of(mut self, account_id: AccountId) -> Self {
        self.0.account_id = Some(account_id);
        self
    }

    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.0.account_id
    }

    pub(crate) fn reason(&self) -> Reason {
        self.0.reason
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The JSON-RPC message alone, for a stream that has begun.
    pub(crate) fn message(&self) -> Vec<u8> {
        self.0.error.body(self.0.id.as_ref().map(RequestIdBuf::as_ref))
    }

    pub(crate) fn respond(self) -> Response<Body> {
        let mut response = json(self.0.status, self.message());
        if let Some((name, value)) = self.0.header {
            response.headers_mut().insert(name, value);
        }
        response
    }

    /// No token, or none that works; `challenge` goes into `WWW-Authenticate`.
    pub(crate) fn unauthenticated(challenge: HeaderValue) -> Self {
        Self::new(Reason::Unauthenticated, StatusCode::UNAUTHORIZED, RpcError::unauthenticated())
            .with_header(WWW_AUTHENTICATE, challenge)
    }

    /// No such account, no such server, or not for this grant: one answer.
    pub(crate) fn not_found() -> Self {
        Self::new(Reason::NotFound, StatusCode::NOT_FOUND, RpcError::not_found())
    }

    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let error = RpcError::invalid_request("the HTTP method is not allowed here");
        Self::new(Reason::MethodNotAllowed, StatusCode::METHOD_NOT_ALLOWED, error)
            .with_header(ALLOW, HeaderValue::from_static(allow))
    }

    pub(crate) fn forbidden_origin() -> Self {
        Self::new(Reason::ForbiddenOrigin, StatusCode::FORBIDDEN, RpcError::forbidden_origin())
    }

    pub(crate) fn forbidden_host() -> Self {
        let error = RpcError::new(codes::FORBIDDEN_ORIGIN, "requests for this host are not allowed");
        Self::new(Reason::ForbiddenHost, StatusCode::FORBIDDEN, error)
    }

    pub(crate) fn not_acceptable(message: &'static str) -> Self {
        Self::new(Reason::NotAcceptable, StatusCode::NOT_ACCEPTABLE, RpcError::not_acceptable(message))
    }

    pub(crate) fn unsupported_media_type() -> Self {
        let error = RpcError::not_acceptable("the body must be application/json, without a content encoding");
        Self::new(Reason::UnsupportedMediaType, StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
    }

    pub(crate) fn headers_too_large(max: usize, max_bytes: usize) -> Self {
        let message = format!("a request has at most {max} headers of {max_bytes} bytes in all");
        let error = RpcError::new(codes::TOO_LARGE, message);
        Self::new(Reason::HeadersTooLarge, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, error)
    }

    pub(crate) fn body_too_large(max_bytes: usize) -> Self {
        Self::new(Reason::BodyTooLarge, StatusCode::PAYLOAD_TOO_LARGE, RpcError::too_large(max_bytes))
    }

    pub(crate) fn body_timeout() -> Self {
        let error = RpcError::invalid_request("the body did not arrive in time");
        Self::new(Reason::BodyTimeout, StatusCode::REQUEST_TIMEOUT, error)
    }

    pub(crate) fn body_broken() -> Self {
        let error = RpcError::invalid_request("the body broke off");
        Self::new(Reason::BodyBroken, StatusCode::BAD_REQUEST, error)
    }

    /// No message, or one that two readers could read differently.
    pub(crate) fn malformed(error: &EnvelopeError) -> Self {
        Self::new(Reason::Malformed, StatusCode::BAD_REQUEST, error.to_rpc())
            .to(error.id.as_ref().map(RequestIdBuf::as_ref))
    }

    /// A method that must carry an id came without one.
    pub(crate) fn without_id() -> Self {
        let error = RpcError::invalid_request("this method needs an id");
        Self::new(Reason::Malformed, StatusCode::BAD_REQUEST, error)
    }

    /// A modern request that lacks what it must carry, or whose headers say something else than its body.
    pub(crate) fn modern(fault: &ModernFault) -> Self {
        let reason = match fault {
            ModernFault::Meta { .. } => Reason::InvalidParams,
            ModernFault::Header { .. } => Reason::HeaderMismatch,
            ModernFault::Version { .. } => Reason::UnsupportedVersion,
        };
        Self::new(reason, StatusCode::BAD_REQUEST, fault.to_rpc())
    }

    /// A response to a request that the modern era does not have.
    pub(crate) fn unasked_response() -> Self {
        let error = RpcError::invalid_request("nothing was asked that this would answer");
        Self::new(Reason::Malformed, StatusCode::BAD_REQUEST, error)
    }

    /// Both official SDKs fall back to `initialize` on this answer, and on a 4xx only.
    pub(crate) fn unsupported_version(requested: &str) -> Self {
        let error = RpcError::unsupported_version(requested);
        Self::new(Reason::UnsupportedVersion, StatusCode::BAD_REQUEST, error)
    }

    /// The same answer as for a session that is not there: a client that lost its id, or that never kept one, starts over
    /// on this and not on a 400.
    pub(crate) fn session_missing() -> Self {
        Self::new(Reason::SessionMissing, StatusCode::NOT_FOUND, RpcError::session_not_found())
    }

    /// Clients start over with `initialize` on a 404, and on nothing else.
    pub(crate) fn session_not_found() -> Self {
        Self::new(Reason::SessionNotFound, StatusCode::NOT_FOUND, RpcError::session_not_found())
    }

    pub(crate) fn too_many_calls() -> Self {
        Self::too_many(Reason::TooManyCalls, "calls", HeaderValue::from_static("1"))
    }

    pub(crate) fn too_many_streams() -> Self {
        Self::too_many(Reason::TooManyStreams, "streams", HeaderValue::from_static("5"))
    }

    pub(crate) fn too_many_sessions() -> Self {
        Self::too_many(Reason::TooManySessions, "sessions", HeaderValue::from_static("5"))
    }

    /// One more wrong token; good ones are never answered so.
    pub(crate) fn too_many_wrong_tokens(retry_after_ms: u64) -> Self {
        Self::too_many(Reason::TooManyWrongTokens, "wrong tokens", HeaderValue::from(retry_after_ms.div_ceil(1_000)))
    }

    fn too_many(reason: Reason, what: &'static str, retry_after_s: HeaderValue) -> Self {
        Self::new(reason, StatusCode::TOO_MANY_REQUESTS, RpcError::too_many(what))
            .with_header(RETRY_AFTER, retry_after_s)
    }

    /// Clients that call whatever they like want this in an HTTP 200.
    pub(crate) fn unknown_method() -> Self {
        Self::new(Reason::UnknownMethod, StatusCode::OK, RpcError::method_not_found())
    }

    pub(crate) fn invalid_params(message: &'static str) -> Self {
        Self::new(Reason::InvalidParams, StatusCode::OK, RpcError::invalid_params(message))
    }

    /// A part that is needed to decide is out of order. Nothing was forwarded.
    pub(crate) fn unavailable() -> Self {
        Self::new(Reason::Unavailable, StatusCode::SERVICE_UNAVAILABLE, RpcError::unavailable())
            .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    pub(crate) fn circuit_open() -> Self {
        let error = RpcError::new(
            codes::UPSTREAM_UNREACHABLE,
            "the server failed several times in a row; the call was not sent",
        );
        Self::new(Reason::CircuitOpen, StatusCode::OK, error)
    }

    /// The upstream failed before the head of its answer had come.
    pub(crate) fn egress(error: &EgressError) -> Self {
        if error.is_unsent() {
            return Self::new(Reason::UpstreamUnreachable, StatusCode::OK, RpcError::upstream_unreachable());
        }
        Self::interrupted(error)
    }

    /// The upstream failed within its answer.
    pub(crate) fn interrupted(error: &EgressError) -> Self {
        match error {
            EgressError::Timeout(_) => Self::new(Reason::UpstreamTimeout, StatusCode::OK, RpcError::upstream_timeout()),
            EgressError::TooLarge { .. } => Self::upstream_invalid(),
            _ => Self::upstream_interrupted(),
        }
    }

    pub(crate) fn upstream_interrupted() -> Self {
        Self::new(Reason::UpstreamInterrupted, StatusCode::OK, RpcError::upstream_interrupted())
    }

    /// Its client has cancelled the request, and does not wait for this.
    pub(crate) fn cancelled() -> Self {
        Self::new(Reason::Cancelled, StatusCode::OK, RpcError::new(codes::CANCELLED, "the request was cancelled"))
    }

    /// The upstream needs an answer that the client cannot give, or did not.
    pub(crate) fn client_cannot() -> Self {
        let error = RpcError::new(codes::CLIENT_CANNOT, "the server asked for input that the client did not give");
        Self::new(Reason::ClientCannot, StatusCode::OK, error)
    }

    /// The policy changed while the call waited for input, and denies it now.
    pub(crate) fn no_longer_allowed() -> Self {
        let error = RpcError::new(codes::DENIED, "[POLICY DENIED] the policy changed while the call waited for input");
        Self::new(Reason::NoLongerAllowed, StatusCode::OK, error)
    }

    pub(crate) fn upstream_invalid() -> Self {
        Self::new(Reason::UpstreamInvalid, StatusCode::OK, RpcError::upstream_invalid())
    }

    /// The upstream answered with an HTTP error. Its status is told and never taken over: a 401 of the upstream's would
    /// make the client ask its user for credentials to the gateway.
    pub(crate) fn upstream_status(status: StatusCode) -> Self {
        let error = if status.is_redirection() {
            RpcError::new(codes::UPSTREAM_STATUS, "the server redirects, which the gateway does not follow")
        } else {
            RpcError::upstream_status(status.as_u16())
        };
        Self::new(Reason::UpstreamStatus, StatusCode::OK, error)
    }

    /// The same error with the status that it has in an era: in the modern one a method that is not known is a 404.
    pub(crate) fn in_era(mut self, era: Era) -> Self {
        if era == Era::Modern && self.0.reason == Reason::UnknownMethod {
            self.0.status = StatusCode::NOT_FOUND;
        }
        self
    }

    /// The same error where there is no request to answer (a notification, a stream, the end of a session): then the
    /// HTTP status has to tell.
    pub(crate) fn without_request(mut self) -> Self {
        if self.0.status == StatusCode::OK {
            self.0.status = match self.0.reason {
                Reason::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
                Reason::CircuitOpen => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_GATEWAY,
            };
        }
        self
    }
}

/// A whole JSON message as an answer.
pub(crate) fn json(status: StatusCode, message: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::full(message.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_of_an_upstream_is_200_for_a_request_and_an_http_error_otherwise() {
        assert_eq!(Refusal::upstream_invalid().status(), StatusCode::OK);
        assert_eq!(Refusal::upstream_invalid().without_request().status(), StatusCode::BAD_GATEWAY);
        assert_eq!(Refusal::circuit_open().without_request().status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(Refusal::session_missing().without_request().status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn refusal_answers_with_the_id_and_its_header() {
        let response = Refusal::too_many_calls().respond();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }
}
