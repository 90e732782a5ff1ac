//! The addresses of the data plane: `/mcp/<account>/<server>`.

/// One server's endpoint, as the path names it. Whether it exists, and for whom, is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route<'a> {
    /// The account's slug.
    pub(crate) account: &'a str,
    /// The server's slug.
    pub(crate) server: &'a str,
}

/// Whether a path belongs to the data plane.
pub(crate) fn is_ours(path: &str) -> bool {
    path.strip_prefix("/mcp").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<'a> Route<'a> {
    /// Reads a path. One trailing slash makes no difference; there are no redirects, which would lose tokens.
    ///
    /// Slugs need no percent-encoding, so a path that has some names nothing.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/mcp/")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (account, server) = rest.split_once('/')?;
        let is_plain = |slug: &str| !slug.is_empty() && !slug.contains('/');
        (is_plain(account) && is_plain(server)).then_some(Self { account, server })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn route_with_and_without_trailing_slash_is_the_same() {
        let route = Some(Route { account: "acme", server: "pay" });
        assert_eq!(Route::of("/mcp/acme/pay"), route);
        assert_eq!(Route::of("/mcp/acme/pay/"), route);
    }

    #[test]
    fn route_of_any_other_shape_is_none() {
        for path in ["/mcp", "/mcp/", "/mcp/a", "/mcp//b", "/mcp/a//", "/mcp/a/b/c", "/mcp/a/b//", "/mcpx/a/b", "/x"] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }

    #[test]
    fn paths_below_mcp_are_ours() {
        assert!(is_ours("/mcp") && is_ours("/mcp/") && is_ours("/mcp/a"));
        assert!(!is_ours("/mcps") && !is_ours("/"));
    }
}
