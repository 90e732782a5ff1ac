//! The protocol's HTTP headers, and what of the general ones decides whether a request is served.

use http::header::{ACCEPT, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The session of the legacy era.
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// The protocol revision of a request.
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// The method of a modern request.
pub const METHOD: HeaderName = HeaderName::from_static("mcp-method");
/// The tool, prompt or resource of a modern request.
pub const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// Where to go on with a stream that broke.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The content type of one message.
pub const JSON: &str = "application/json";
/// The content type of a stream of messages.
pub const EVENT_STREAM: &str = "text/event-stream";

/// Which answers the client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// One JSON message.
    pub json: bool,
    /// An event stream.
    pub event_stream: bool,
}

impl Accepted {
    /// Reads the `Accept` headers. A request without any takes everything, as HTTP says.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self { json: false, event_stream: false };
        let mut found = false;
        for value in headers.get_all(ACCEPT) {
            found = true;
            for range in value.to_str().unwrap_or_default().split(',') {
                let (media, weight) = media_range(range);
                if weight {
                    accepted.json |= covers(media, JSON);
                    accepted.event_stream |= covers(media, EVENT_STREAM);
                }
            }
        }
        if found { accepted } else { Self { json: true, event_stream: true } }
    }
}

/// The media type of a range, and whether its weight lets it count.
fn media_range(range: &str) -> (&str, bool) {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let refused = parts.any(|part| {
        let Some((name, value)) = part.split_once('=') else { return false };
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse().is_ok_and(|q: f32| q <= 0.0)
    });
    (media, !refused)
}

fn covers(range: &str, media: &str) -> bool {
    if range == "*/*" || range.eq_ignore_ascii_case(media) {
        return true;
    }
    let group = |media: &str| media.split_once('/').map(|(group, _)| group.to_ascii_lowercase());
    range.ends_with("/*") && group(range) == group(media)
}

/// Whether a content type is JSON.
#[must_use]
pub fn is_json(content_type: &HeaderValue) -> bool {
    is_media(content_type, JSON)
}

/// Whether a content type is an event stream.
#[must_use]
pub fn is_event_stream(content_type: &HeaderValue) -> bool {
    is_media(content_type, EVENT_STREAM)
}

fn is_media(content_type: &HeaderValue, media: &str) -> bool {
    content_type.to_str().is_ok_and(|text| media_range(text).0.eq_ignore_ascii_case(media))
}

/// Which web origins may call. Programs send no `Origin`; a browser always does.
///
/// SECURITY: without this check a page that rebinds its host name to this machine could speak to a gateway that listens
/// on loopback.
#[derive(Debug, Clone)]
pub struct OriginRule {
    allowed: Vec<String>,
    loopback: bool,
}

impl OriginRule {
    /// Allows the origins given (`https://host[:port]`, letter case ignored), and with `loopback` every origin whose
    /// host is this machine.
    #[must_use]
    pub fn new(allowed: impl IntoIterator<Item = String>, loopback: bool) -> Self {
        let allowed = allowed.into_iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect();
        Self { allowed, loopback }
    }

    /// Whether a request may be served: it has no `Origin`, or every one that it has is allowed.
    #[must_use]
    pub fn allows(&self, headers: &HeaderMap) -> bool {
        headers.get_all(ORIGIN).iter().all(|value| value.to_str().is_ok_and(|origin| self.allows_origin(origin)))
    }

    fn allows_origin(&self, origin: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.allowed.contains(&origin) {
            return true;
        }
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        self.loopback && host.is_some_and(is_loopback_host)
    }
}

/// Whether `host`, with or without a port, is a name or address of this machine; what a listener on loopback demands.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, port)) if port.is_empty() || port.starts_with(':') => inside,
        Some(_) => return false,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|address: std::net::IpAddr| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[rstest]
    #[case("application/json, text/event-stream", true, true)]
    #[case("Application/JSON;charset=utf-8", true, false)]
    #[case("*/*", true, true)]
    #[case("text/*", false, true)]
    #[case("application/json;q=0.5, text/event-stream; q=0", true, false)]
    #[case("text/html", false, false)]
    fn accepted_of_a_header_names_what_is_taken(#[case] value: &str, #[case] json: bool, #[case] event_stream: bool) {
        assert_eq!(Accepted::of(&headers(ACCEPT, value)), Accepted { json, event_stream });
    }

    #[test]
    fn accepted_without_a_header_is_everything() {
        assert_eq!(Accepted::of(&HeaderMap::new()), Accepted { json: true, event_stream: true });
    }

    #[rstest]
    #[case("https://gateway.example", true)]
    #[case("HTTPS://Gateway.Example", true)]
    #[case("http://localhost:6274", true)]
    #[case("http://[::1]:3000", true)]
    #[case("http://127.0.0.1", true)]
    #[case("null", false)]
    #[case("https://evil.example", false)]
    #[case("http://localhost.evil.example", false)]
    #[case("http://127.0.0.1.evil.example", false)]
    #[case("http://[::1]evil.example", false)]
    #[case("https://gateway.example.evil.example", false)]
    fn origin_rule_allows_the_listed_and_this_machine_only(#[case] origin: &str, #[case] expected: bool) {
        let rule = OriginRule::new(["https://gateway.example/".to_owned()], true);
        assert_eq!(rule.allows(&headers(ORIGIN, origin)), expected);
    }

    #[test]
    fn origin_rule_without_an_origin_allows() {
        assert!(OriginRule::new([], false).allows(&HeaderMap::new()));
        assert!(!OriginRule::new([], false).allows(&headers(ORIGIN, "http://localhost")));
    }

    #[test]
    fn content_type_with_parameters_is_recognised() {
        assert!(is_event_stream(&HeaderValue::from_static("text/event-stream; charset=utf-8")));
        assert!(is_json(&HeaderValue::from_static("application/json")));
        assert!(!is_json(&HeaderValue::from_static("application/jsonp")));
    }
}
