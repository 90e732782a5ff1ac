//! One message after the other over Streamable HTTP.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use ostiary_egress::blocked_in;
use ostiary_mcp::discover::asks_for_modern;
use ostiary_mcp::header::{METHOD, PROTOCOL_VERSION, SESSION_ID};
use ostiary_mcp::modern::{CLIENT_CAPABILITIES, CLIENT_INFO, PROTOCOL_VERSION as PROTOCOL_VERSION_KEY};
use ostiary_mcp::sse::SseParser;
use serde_json::{Value, json};

use super::{DiscoveryError, blocked};

/// The revision without sessions.
pub(super) const STATELESS: &str = "2026-07-28";

/// What we say of ourselves.
pub(super) fn client_info() -> Value {
    json!({"name": "ostiary", "version": env!("CARGO_PKG_VERSION")})
}

/// What a request was answered with.
#[derive(Debug)]
pub(super) enum Reply {
    /// A result.
    Result(Value),
    /// A JSON-RPC error.
    Error {
        /// Its code.
        code: i64,
        /// It refuses the revision, and names the stateless one among those that it speaks.
        asks_for_stateless: bool,
    },
}

/// Messages to one server, in one session.
pub(super) struct Exchange<P> {
    post: P,
    credentials: HeaderMap,
    session: Option<HeaderValue>,
    version: Option<HeaderValue>,
    /// Whether requests carry what those of the stateless revision must.
    is_stateless: bool,
    last_id: i64,
    bytes_left: usize,
}

impl<P, F> Exchange<P>
where
    P: Fn(HeaderMap, String) -> F,
    F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
{
    pub(super) fn new(post: P, credentials: HeaderMap, max_bytes: usize) -> Self {
        Self { post, credentials, session: None, version: None, is_stateless: false, last_id: 0, bytes_left: max_bytes }
    }

    /// Speaks the stateless revision from now on, or the ones with sessions.
    pub(super) fn speak_stateless(&mut self, is_stateless: bool) {
        self.is_stateless = is_stateless;
        self.version = is_stateless.then_some(HeaderValue::from_static(STATELESS));
    }

    /// Names the negotiated revision in every later message.
    pub(super) fn agree_on(&mut self, version: &str) {
        self.version = HeaderValue::from_str(version).ok();
    }

    /// The headers that end the session; none when the server keeps none.
    pub(super) fn farewell(&self) -> Option<HeaderMap> {
        self.session.as_ref().map(|_| self.headers())
    }

    /// Sends a notification, which has no answer.
    pub(super) async fn notify(&mut self, method: &str) -> Result<(), DiscoveryError> {
        let body = json!({"jsonrpc": "2.0", "method": method}).to_string();
        let answer = (self.post)(self.headers(), body).await.map_err(|error| sending(&error))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(refused(status)),
        }
    }

    /// Sends a request and reads its answer, be it JSON or an event stream.
    pub(super) async fn request(&mut self, method: &str, mut params: Value) -> Result<Reply, DiscoveryError> {
        self.last_id += 1;
        let mut headers = self.headers();
        if self.is_stateless {
            params["_meta"] =
                json!({PROTOCOL_VERSION_KEY: STATELESS, CLIENT_CAPABILITIES: {}, CLIENT_INFO: client_info()});
            headers.extend(HeaderValue::from_str(method).map(|method| (METHOD, method)));
        }
        let body = json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).to_string();
        let answer = (self.post)(headers, body).await.map_err(|error| sending(&error))?;
        let status = answer.status();
        if let Some(session) = answer.headers().get(SESSION_ID) {
            self.session = Some(session.clone());
        }
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim().to_lowercase();
        match (status.is_success(), essence.as_str()) {
            (true, "text/event-stream") => self.read_events(answer).await,
            (_, "application/json") => match self.read_json(answer).await {
                Ok(reply) => Ok(reply),
                Err(_) if !status.is_success() => Err(refused(status)),
                Err(error) => Err(error),
            },
            (true, _) => Err(DiscoveryError::NotMcp),
            (false, _) => Err(refused(status)),
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.credentials.clone();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(session) = &self.session {
            headers.insert(SESSION_ID, session.clone());
        }
        if let Some(version) = &self.version {
            headers.insert(PROTOCOL_VERSION, version.clone());
        }
        headers
    }

    async fn read_json(&mut self, mut answer: reqwest::Response) -> Result<Reply, DiscoveryError> {
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| receiving(&error))? {
            self.count(part.len())?;
            body.extend_from_slice(&part);
        }
        reply(&body, self.last_id).ok_or(self.not_ours())
    }

    /// Reads events up to the one that answers; others are the server's own requests and notifications.
    async fn read_events(&mut self, mut answer: reqwest::Response) -> Result<Reply, DiscoveryError> {
        let mut parser = SseParser::new(self.bytes_left);
        while let Some(part) = answer.chunk().await.map_err(|error| receiving(&error))? {
            self.count(part.len())?;
            parser.push(part);
            while let Some(frame) = parser.next_frame().map_err(|_| self.not_ours())? {
                if let Some(reply) = frame.data.and_then(|data| reply(&data, self.last_id)) {
                    return Ok(reply);
                }
            }
        }
        Err(DiscoveryError::Garbage { reason: "an answer broke off" })
    }

    fn count(&mut self, bytes: usize) -> Result<(), DiscoveryError> {
        self.bytes_left = self
            .bytes_left
            .checked_sub(bytes)
            .ok_or(DiscoveryError::Garbage { reason: "its answers are too large" })?;
        Ok(())
    }

    /// What an answer is that makes no sense: of something else at first, of a broken server later.
    fn not_ours(&self) -> DiscoveryError {
        match self.version {
            None => DiscoveryError::NotMcp,
            Some(_) => DiscoveryError::Garbage { reason: "an answer is no JSON-RPC" },
        }
    }
}

fn reply(body: &[u8], id: i64) -> Option<Reply> {
    let mut message: Value = serde_json::from_slice(body).ok()?;
    if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return None;
    }
    if let Some(code) = message.pointer("/error/code").and_then(Value::as_i64) {
        // An error may have no id, when the server could not read the request.
        let is_ours = message.get("id").is_none_or(|found| found.is_null() || *found == id);
        let asks_for_stateless = asks_for_modern(body);
        return is_ours.then_some(Reply::Error { code, asks_for_stateless });
    }
    let is_ours = message.get("id").is_some_and(|found| *found == id);
    let result = message.get_mut("result").filter(|result| result.is_object())?.take();
    is_ours.then_some(Reply::Result(result))
}

fn refused(status: StatusCode) -> DiscoveryError {
    match status {
        _ if status.is_redirection() => DiscoveryError::Redirects,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => DiscoveryError::Unauthorized { status: status.as_u16() },
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => DiscoveryError::NotMcp,
        _ => DiscoveryError::HttpError { status: status.as_u16() },
    }
}

fn sending(error: &reqwest::Error) -> DiscoveryError {
    match blocked_in(error) {
        Some(reason) => blocked(reason),
        None if error.is_timeout() => DiscoveryError::Timeout,
        None => DiscoveryError::Unreachable,
    }
}

fn receiving(error: &reqwest::Error) -> DiscoveryError {
    if error.is_timeout() { DiscoveryError::Timeout } else { DiscoveryError::Garbage { reason: "an answer broke off" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_of_another_request_or_shape_is_none() {
        for body in [
            "",
            "[]",
            "<html>",
            r#"{"id":1,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":2,"result":{}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":2,"error":{"code":-1}}"#,
        ] {
            assert!(reply(body.as_bytes(), 1).is_none(), "{body}");
        }
    }

    #[test]
    fn reply_with_result_or_error_is_read() {
        let result = reply(br#"{"jsonrpc":"2.0","id":1,"result":{"a":1}}"#, 1);
        assert!(matches!(result, Some(Reply::Result(value)) if value == json!({"a": 1})));
        let error = reply(br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":"x"}}"#, 1);
        assert!(matches!(error, Some(Reply::Error { code: -32022, asks_for_stateless: false })));
    }

    #[test]
    fn refusals_have_their_own_errors() {
        assert_eq!(refused(StatusCode::FOUND), DiscoveryError::Redirects);
        assert_eq!(refused(StatusCode::UNAUTHORIZED), DiscoveryError::Unauthorized { status: 401 });
        assert_eq!(refused(StatusCode::NOT_FOUND), DiscoveryError::NotMcp);
        assert_eq!(refused(StatusCode::BAD_GATEWAY), DiscoveryError::HttpError { status: 502 });
    }
}
