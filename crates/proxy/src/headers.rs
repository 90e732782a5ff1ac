//! Which headers go up, and which come down.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
    COOKIE, EXPECT, FORWARDED, HOST, ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, RETRY_AFTER, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use ostiary_mcp::header::{LAST_EVENT_ID, METHOD, NAME, PROTOCOL_VERSION, SESSION_ID};
use ostiary_mcp::modern::header_text;

/// Headers that are between the client and the gateway only.
///
/// Hop-by-hop ones (RFC 9110 section 7.6.1), those that are set anew, and those that say who or where the caller is:
/// the agent's token and cookies are for the gateway, and an upstream may trust forwarding headers. `Origin` and
/// `Referer` were judged here, and an upstream that judges them too would refuse a page that the gateway allows.
static OURS_ALONE: [HeaderName; 20] = [
    ACCEPT,
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    FORWARDED,
    HOST,
    ORIGIN,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    REFERER,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    VIA,
];

/// The same, of headers that the `http` crate has no constant for, and of families of headers.
///
/// `Mcp-Method` and `Mcp-Name` speak of the modern era's requests, and are written from the body that was judged; those
/// of a client could name another call, as could a header that overrides the HTTP method. `baggage` may hold anything,
/// and an upstream is a stranger.
const OURS_ALONE_NAMES: [&str; 14] = [
    "baggage",
    "keep-alive",
    "mcp-method",
    "mcp-name",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-rewrite-url",
];
const OURS_ALONE_PREFIXES: [&str; 4] = ["x-forwarded-", "x-original-", "sec-", "proxy-"];

/// What an answer keeps of the upstream's head. A list of what passes, because a head may hold cookies, challenges and
/// addresses.
static PASSED_DOWN: [HeaderName; 3] = [CONTENT_TYPE, CACHE_CONTROL, RETRY_AFTER];

/// What the headers of a request say to an upstream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UpstreamFacts<'a> {
    /// The upstream's session that the request belongs to.
    pub(crate) session: Option<&'a str>,
    /// The revision to name in the version header; none in `initialize`, and for upstreams older than that header.
    pub(crate) revision: Option<&'static str>,
    /// The event after which a stream goes on, as the upstream called it.
    pub(crate) last_event_id: Option<&'a str>,
    /// What a modern request's headers repeat of its body.
    pub(crate) repeated: Option<Repeated<'a>>,
}

/// What a modern request's headers repeat of its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated<'a> {
    pub(crate) method: &'a str,
    pub(crate) name: Option<&'a str>,
    /// Headers of arguments, where the client did not send them.
    pub(crate) params: Option<&'a HeaderMap>,
}

/// The headers of a request to an upstream: the client's without [`OURS_ALONE`], then ours, then the stored
/// credentials, which replace whatever the client called by the same name.
pub(crate) fn upwards(
    from: &HeaderMap,
    accept: &'static str,
    facts: UpstreamFacts<'_>,
    credentials: &HeaderMap,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(from.len() + credentials.len() + 4);
    let named: Vec<&str> = from
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .collect();
    for (name, value) in from {
        if !is_ours_alone(name) && !named.iter().any(|hop| hop.trim().eq_ignore_ascii_case(name.as_str())) {
            headers.append(name, value.clone());
        }
    }
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if let Some(revision) = facts.revision {
        headers.insert(PROTOCOL_VERSION, HeaderValue::from_static(revision));
    }
    if let Some(session) = facts.session.and_then(|session| HeaderValue::from_str(session).ok()) {
        headers.insert(SESSION_ID, session);
    }
    if let Some(id) = facts.last_event_id.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(LAST_EVENT_ID, id);
    }
    if let Some(repeated) = facts.repeated {
        repeat(repeated, &mut headers);
    }
    for name in credentials.keys() {
        headers.remove(name);
    }
    for (name, value) in credentials {
        headers.append(name, value.clone());
    }
    headers
}

fn repeat(repeated: Repeated<'_>, headers: &mut HeaderMap) {
    let texts = [(METHOD, Some(repeated.method)), (NAME, repeated.name)];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&header_text(text)).ok()) {
            headers.insert(name, value);
        }
    }
    for (name, value) in repeated.params.into_iter().flatten() {
        headers.insert(name, value.clone());
    }
}

fn is_ours_alone(name: &HeaderName) -> bool {
    let text = name.as_str();
    OURS_ALONE.contains(name)
        || name == SESSION_ID
        || name == PROTOCOL_VERSION
        || name == LAST_EVENT_ID
        || OURS_ALONE_NAMES.contains(&text)
        || OURS_ALONE_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// The headers of an answer, from the upstream's.
pub(crate) fn downwards(from: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(PASSED_DOWN.len() + 3);
    for name in &PASSED_DOWN {
        if let Some(value) = from.get(name) {
            headers.insert(name, value.clone());
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for &(name, value) in pairs {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn upwards_drops_what_is_the_gateways_alone() {
        let from = map(&[
            ("authorization", "Bearer ost_grant_x"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "10.0.0.1"),
            ("forwarded", "for=10.0.0.1"),
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("accept-encoding", "gzip"),
            ("mcp-session-id", "sealed"),
            ("sec-fetch-mode", "cors"),
            ("host", "gateway"),
            ("x-original-url", "/admin"),
            ("x-http-method-override", "DELETE"),
            ("mcp-method", "tools/list"),
            ("mcp-name", "echo"),
            ("last-event-id", "theirs"),
            ("baggage", "customer=7"),
        ]);
        let headers = upwards(&from, "application/json", UpstreamFacts::default(), &HeaderMap::new());
        assert_eq!(headers, map(&[("accept", "application/json")]));
    }

    #[test]
    fn upwards_keeps_the_rest_and_adds_ours() {
        let from = map(&[("user-agent", "agent/1"), ("x-toolset", "a"), ("mcp-param-x", "1")]);
        let facts = UpstreamFacts {
            session: Some("up"),
            revision: Some("2025-11-25"),
            last_event_id: Some("7"),
            repeated: Some(Repeated { method: "tools/call", name: Some("\u{e9}"), params: None }),
        };
        let headers = upwards(&from, "*/*", facts, &HeaderMap::new());
        for (name, value) in
            [("user-agent", "agent/1"), ("x-toolset", "a"), ("mcp-param-x", "1"), ("last-event-id", "7")]
        {
            assert_eq!(headers[name], value);
        }
        assert_eq!(headers["mcp-session-id"], "up");
        assert_eq!(headers["mcp-protocol-version"], "2025-11-25");
        assert_eq!(headers["mcp-method"], "tools/call");
        assert_eq!(headers["mcp-name"], "=?base64?w6k=?=");
    }

    #[test]
    fn upwards_lets_credentials_replace_the_clients() {
        let from = map(&[("x-api-key", "the client's"), ("x-api-key", "another")]);
        let credentials = map(&[("x-api-key", "stored"), ("authorization", "Bearer stored")]);
        let headers = upwards(&from, "*/*", UpstreamFacts::default(), &credentials);
        assert_eq!(headers.get_all("x-api-key").iter().collect::<Vec<_>>(), ["stored"]);
        assert_eq!(headers["authorization"], "Bearer stored");
    }

    #[test]
    fn downwards_keeps_only_what_is_listed() {
        let from = map(&[("content-type", "application/json"), ("set-cookie", "a=b"), ("server", "x")]);
        assert_eq!(downwards(&from), map(&[("content-type", "application/json")]));
    }
}
