//! Whose request it is: the address of the client, also behind proxies of our own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::server::Peer;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client, in the extensions of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// Proxies whose word on where a request came from is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// The proxies of these ranges. Without any, nobody is believed.
    #[must_use]
    pub fn new(ranges: impl IntoIterator<Item = IpNet>) -> Self {
        Self(ranges.into_iter().collect())
    }

    /// The client of a request that came from `peer`.
    ///
    /// SECURITY: each trusted proxy put the address it was called from at the end of `X-Forwarded-For`. Read from
    /// there, the first address that is no proxy of ours is the client; everything before it is the client's own claim.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<&str> =
            headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        let claimed = values.iter().rev().flat_map(|value| value.rsplit(','));
        for text in claimed {
            if !self.is_trusted(client) {
                break;
            }
            let Some(address) = parse(text) else { break };
            client = address;
        }
        client
    }

    /// Whether an address is one of these proxies.
    #[must_use]
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(&address))
    }
}

/// An address, alone or with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// Middleware: names the client of a request that came in by the accept loop.
pub async fn client_address(
    axum::extract::State(proxies): axum::extract::State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::new(proxies.iter().map(|range| range.parse().expect("a range")));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, value.parse().expect("a value"));
        }
        proxies.client(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn client_without_a_trusted_proxy_is_the_peer_whatever_it_claims() {
        assert_eq!(client(&[], "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
    }

    #[test]
    fn client_behind_trusted_proxies_is_the_last_address_that_is_none_of_them() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client(proxies, "10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(proxies, "10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(client(proxies, "fd00::1", &["1.1.1.1", "198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(client(proxies, "::ffff:10.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(client(proxies, "10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
    }

    #[test]
    fn client_of_a_header_that_makes_no_sense_is_the_proxy() {
        for forwarded in [&[][..], &["unknown"], &["198.51.100.7, _hidden"], &[""]] {
            assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", forwarded), "10.0.0.1", "{forwarded:?}");
        }
    }
}
