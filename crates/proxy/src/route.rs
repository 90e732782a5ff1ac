//! The addresses of the data plane: `/mcp/<account>` and `/mcp/<account>/<server>`, and on a host of the account's own
//! `/mcp` and `/mcp/<server>`.

use std::borrow::Cow;

/// An endpoint as the address names it. Whether it exists, and for whom, is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    /// The account's slug.
    pub(crate) account: Cow<'a, str>,
    /// The server's slug; none at the account's endpoint.
    pub(crate) server: Option<&'a str>,
}

/// Whether a path belongs to the data plane.
pub(crate) fn is_ours(path: &str) -> bool {
    path.strip_prefix("/mcp").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Hosts that are an account's own: patterns whose `*` stands for the account's slug, as in `*.gateway.example`.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountHosts(Vec<String>);

impl AccountHosts {
    pub(crate) fn new(patterns: &[String]) -> Self {
        let suffixes = patterns.iter().filter_map(|pattern| pattern.strip_prefix('*'));
        Self(suffixes.filter(|suffix| suffix.len() > 1).map(str::to_ascii_lowercase).collect())
    }

    /// The slug of the account whose host this is, its port aside.
    pub(crate) fn account(&self, host: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let named = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        let host = named.map_or(host, |(name, _)| name).to_ascii_lowercase();
        let account = self.0.iter().find_map(|suffix| host.strip_suffix(suffix.as_str()))?;
        Some(account.to_owned()).filter(|account| !account.is_empty() && !account.contains('.'))
    }
}

impl<'a> Route<'a> {
    /// Reads a path. One trailing slash makes no difference; there are no redirects, which would lose tokens.
    ///
    /// Slugs need no percent-encoding, so a path that has some names nothing.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/mcp/")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (account, server) = match rest.split_once('/') {
            Some((account, server)) => (account, Some(server)),
            None => (rest, None),
        };
        let is_named = is_plain(account) && server.is_none_or(is_plain);
        is_named.then_some(Self { account: account.into(), server })
    }

    /// Reads a path on the host of an account.
    pub(crate) fn on_host(account: String, path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/mcp")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let server = if rest.is_empty() { None } else { Some(rest.strip_prefix('/')?) };
        server.is_none_or(is_plain).then_some(Self { account: account.into(), server })
    }
}

fn is_plain(slug: &str) -> bool {
    !slug.is_empty() && !slug.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route<'a>(account: &'a str, server: Option<&'a str>) -> Option<Route<'a>> {
        Some(Route { account: account.into(), server })
    }

    #[test]
    fn route_with_and_without_trailing_slash_is_the_same() {
        assert_eq!(Route::of("/mcp/acme/pay"), route("acme", Some("pay")));
        assert_eq!(Route::of("/mcp/acme/pay/"), route("acme", Some("pay")));
        assert_eq!(Route::of("/mcp/acme"), route("acme", None));
        assert_eq!(Route::of("/mcp/acme/"), route("acme", None));
    }

    #[test]
    fn route_of_any_other_shape_is_none() {
        for path in ["/mcp", "/mcp/", "/mcp//b", "/mcp/a//", "/mcp/a/b/c", "/mcp/a/b//", "/mcpx/a/b", "/x"] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }

    #[test]
    fn route_on_the_host_of_an_account_has_no_account_in_its_path() {
        for (path, server) in [("/mcp", None), ("/mcp/", None), ("/mcp/pay", Some("pay")), ("/mcp/pay/", Some("pay"))] {
            assert_eq!(Route::on_host("acme".to_owned(), path), route("acme", server), "{path}");
        }
        for path in ["/", "/mcpx", "/mcp//", "/mcp/a/b"] {
            assert_eq!(Route::on_host("acme".to_owned(), path), None, "{path}");
        }
    }

    #[test]
    fn account_of_a_host_is_the_one_label_that_the_pattern_leaves_open() {
        let hosts = AccountHosts::new(&["*.gateway.example".to_owned(), "other.example".to_owned(), "*".to_owned()]);
        assert_eq!(hosts.account("acme.gateway.example").as_deref(), Some("acme"));
        assert_eq!(hosts.account("ACME.Gateway.Example:8443").as_deref(), Some("acme"));
        for host in
            ["gateway.example", ".gateway.example", "a.b.gateway.example", "acme.gateway.example.evil", "other.example"]
        {
            assert_eq!(hosts.account(host), None, "{host}");
        }
    }

    #[test]
    fn paths_below_mcp_are_ours() {
        assert!(is_ours("/mcp") && is_ours("/mcp/") && is_ours("/mcp/a"));
        assert!(!is_ours("/mcps") && !is_ours("/"));
    }
}
