//! How much a call gives back, by how it ended (`policy.md` section 4).

use ostiary_counters::Release;

/// How a call ended, as far as releases care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// The upstream could not be connected: nothing was sent.
    Unreachable,
    /// The upstream answered with this HTTP status.
    Http(u16),
    /// The upstream answered with this JSON-RPC error.
    Rpc(i64),
    /// Anything else: a result, a tool error, a timeout, a broken stream.
    Other,
}

/// What surely was not used by a call that ended so.
#[must_use]
pub const fn release_for(end: CallEnd) -> Release {
    match end {
        CallEnd::Unreachable => Release::Everything,
        // The upstream refused before it did anything. The count stays, so that a loop of refusals meets its limit.
        CallEnd::Http(401 | 403 | 404 | 405 | 413 | 415 | 429) | CallEnd::Rpc(-32601) => Release::Amounts,
        CallEnd::Http(_) | CallEnd::Rpc(_) | CallEnd::Other => Release::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_that_was_not_connected_gives_back_everything() {
        assert_eq!(release_for(CallEnd::Unreachable), Release::Everything);
    }

    #[test]
    fn call_that_was_refused_gives_back_its_amounts() {
        for status in [401, 403, 404, 405, 413, 415, 429] {
            assert_eq!(release_for(CallEnd::Http(status)), Release::Amounts);
        }
        assert_eq!(release_for(CallEnd::Rpc(-32601)), Release::Amounts);
    }

    #[test]
    fn call_that_may_have_run_gives_back_nothing() {
        for end in [
            CallEnd::Http(200),
            CallEnd::Http(400),
            CallEnd::Http(402),
            CallEnd::Http(500),
            CallEnd::Rpc(-32602),
            CallEnd::Rpc(32601),
            CallEnd::Other,
        ] {
            assert_eq!(release_for(end), Release::Nothing);
        }
    }
}
