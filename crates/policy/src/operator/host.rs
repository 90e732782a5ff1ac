//! Hosts of URLs, and patterns of hosts.

use url::{Host, Url};

/// One host, or `*.` and the end of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    Exact(Host<String>),
    /// The end of the host, with the dot before it.
    Below(Box<str>),
}

impl HostPattern {
    /// `None` for anything but a host or `*.` and a domain.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("*.") {
            Some(domain) => match parse_host(domain)? {
                Host::Domain(domain) => Some(HostPattern::Below(format!(".{domain}").into())),
                Host::Ipv4(_) | Host::Ipv6(_) => None,
            },
            None => parse_host(text).map(HostPattern::Exact),
        }
    }

    pub(crate) fn matches(&self, host: &Host<String>) -> bool {
        match (self, host) {
            (HostPattern::Exact(expected), host) => expected == host,
            (HostPattern::Below(end), Host::Domain(domain)) => {
                domain.strip_suffix(&**end).is_some_and(|front| !front.is_empty())
            }
            (HostPattern::Below(_), _) => false,
        }
    }
}

/// Reads a host of a pattern as a URL's parser would, so that both sides are in one form.
fn parse_host(text: &str) -> Option<Host<String>> {
    // Percent signs and blanks are for the parser of URLs; a pattern that needs them is a mistake.
    if text.is_empty() || text.contains(['*', '%', '/', '@', '?', '#', '\\']) || text.contains(char::is_whitespace) {
        return None;
    }
    Host::parse(text).ok().map(without_trailing_dot).filter(|host| *host != Host::Domain(String::new()))
}

/// The host of an absolute http(s) URL.
pub(super) fn host_of(text: &str) -> Option<Host<String>> {
    let url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.host().map(|host| without_trailing_dot(host.to_owned()))
}

fn without_trailing_dot(host: Host<String>) -> Host<String> {
    match host {
        Host::Domain(mut domain) => {
            if domain.ends_with('.') {
                domain.pop();
            }
            Host::Domain(domain)
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://x.example.com/")]
    #[case("x.example.com:80")]
    #[case("x.example.com/a")]
    #[case("*")]
    #[case("a.*.com")]
    #[case("*example.com")]
    #[case("*.*.com")]
    #[case("*.10.0.0.1")]
    #[case("")]
    #[case("*.")]
    #[case("a b")]
    #[case("::1")]
    fn pattern_that_is_no_host_is_refused(#[case] text: &str) {
        assert_eq!(HostPattern::parse(text), None, "{text}");
    }

    #[rstest]
    #[case("API.Example.com", "https://api.example.com/", true)]
    #[case("bücher.example", "https://xn--bcher-kva.example/", true)]
    #[case("127.0.0.1", "http://0x7f000001/", true)]
    #[case("[::1]", "http://[0:0:0:0:0:0:0:1]:80/", true)]
    #[case("*.example.com", "https://a.b.example.com/", true)]
    #[case("*.example.com", "https://example.com/", false)]
    #[case("*.example.com", "https://.example.com/", false)]
    #[case("*.example.com", "https://badexample.com/", false)]
    #[case("example.com.", "https://example.com/", true)]
    #[case("example.com", "https://example.com../", false)]
    fn host_and_pattern_match_in_one_form(#[case] pattern: &str, #[case] url: &str, #[case] expected: bool) {
        let pattern = HostPattern::parse(pattern).unwrap();
        assert_eq!(host_of(url).is_some_and(|host| pattern.matches(&host)), expected);
    }
}
