//! Clients that run in a browser: what a page of an allowed origin may send, and what it may read of the answer.
//!
//! SECURITY: closed by default. Only origins that the [`OriginRule`](ostiary_mcp::header::OriginRule) lets call at all
//! are answered to, each by its name and never by `*`; credentials of the browser are not asked for, because the only
//! credential is a token that the page itself sends.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use crate::body::Body;

const METHODS: HeaderValue = HeaderValue::from_static("POST, GET, DELETE");
/// What of an answer's head a client needs, beyond what browsers show of every answer.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After");
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("600");

/// The headers of the protocol's requests, in lower case.
const HEADERS: [&str; 10] = [
    "accept",
    "authorization",
    "content-type",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "traceparent",
    "tracestate",
];
/// Arguments that a tool wants mirrored, each in a header of its own name.
const MIRRORED: &str = "mcp-param-";

/// Whether a request only asks what a page may send.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight of an allowed origin. It says nothing of the path: whoever asks has no token yet.
pub(crate) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_S);
    if let Some(allowed) = allowed_headers(headers) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}

/// Those of the headers a page wants to send that it may.
fn allowed_headers(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let names = wanted.filter_map(|value| value.to_str().ok()).flat_map(|names| names.split(','));
    let allowed: Vec<String> = names
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| HEADERS.contains(&name.as_str()) || name.starts_with(MIRRORED))
        .collect();
    HeaderValue::from_str(&allowed.join(", ")).ok().filter(|names| !names.is_empty())
}

/// Lets the page at `origin` read an answer.
pub(crate) fn expose(origin: &HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_name(ORIGIN));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preflight_allows_the_protocols_headers_and_no_others() {
        let mut headers = HeaderMap::new();
        let wanted = "Authorization, X-Secret, Mcp-Param-Region,content-type";
        headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static(wanted));
        let response = preflight(&headers);
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let allowed = &response.headers()[ACCESS_CONTROL_ALLOW_HEADERS];
        assert_eq!(allowed, "authorization, mcp-param-region, content-type");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
    }

    #[test]
    fn expose_names_the_origin_and_keeps_caches_from_mixing_answers() {
        let mut headers = HeaderMap::new();
        expose(&HeaderValue::from_static("https://inspector.example"), &mut headers);
        assert_eq!(headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://inspector.example");
        assert_eq!(headers[VARY], "origin");
    }
}
