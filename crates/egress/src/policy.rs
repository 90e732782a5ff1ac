//! What may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::address::{AddressClass, classify};
use crate::error::BlockedReason;

/// How a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

/// Where requests may travel in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlainHttp {
    /// To addresses that are allowed by name of their range only: this machine, the operator's own networks.
    #[default]
    AllowedAddresses,
    /// Everywhere.
    Everywhere,
}

/// What an installation may connect to.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    /// Ranges that are allowed though they are not public.
    pub allow: Vec<IpNet>,
    /// Where http is allowed.
    pub plain_http: PlainHttp,
}

impl EgressPolicy {
    /// Public addresses only, and only over TLS.
    #[must_use]
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Allows this machine too: for an installation that itself listens on loopback only.
    #[must_use]
    pub fn with_loopback(self) -> Self {
        let v4 = Ipv4Net::new(Ipv4Addr::LOCALHOST, 8).map(|net| IpNet::V4(net.trunc()));
        let v6 = Ipv6Net::new(Ipv6Addr::LOCALHOST, 128).map(IpNet::V6);
        self.allowing(v4.into_iter().chain(v6))
    }

    /// Allows further ranges.
    #[must_use]
    pub fn allowing(mut self, ranges: impl IntoIterator<Item = IpNet>) -> Self {
        self.allow.extend(ranges);
        self
    }

    /// Whether `address` may be connected to.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check_address(&self, address: IpAddr, scheme: Scheme) -> Result<(), BlockedReason> {
        if self.allow.iter().any(|net| net.contains(&address)) {
            return Ok(());
        }
        match classify(address) {
            AddressClass::Public if scheme == Scheme::Https || self.plain_http == PlainHttp::Everywhere => Ok(()),
            AddressClass::Public => Err(BlockedReason::PlainHttp),
            class => Err(BlockedReason::Address(class)),
        }
    }

    /// Whether a URL may name a target, as far as that can be told without resolving its host.
    ///
    /// Decimal, octal, hexadecimal and shortened forms of addresses are addresses here, as they are to URL parsers.
    /// What the host's name resolves to is checked when connecting.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check_url(&self, url: &Url) -> Result<Scheme, BlockedReason> {
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(BlockedReason::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BlockedReason::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(BlockedReason::Fragment);
        }
        if url.port() == Some(0) {
            return Err(BlockedReason::PortZero);
        }
        match url.host().ok_or(BlockedReason::NoHost)? {
            Host::Ipv4(address) => self.check_address(address.into(), scheme)?,
            Host::Ipv6(address) => self.check_address(address.into(), scheme)?,
            Host::Domain(name) if is_localhost(name) => self.check_address(Ipv4Addr::LOCALHOST.into(), scheme)?,
            // With no range allowed at all, no name can resolve to where http may go.
            Host::Domain(_) if scheme == Scheme::Http && !self.may_allow_plain_http() => {
                return Err(BlockedReason::PlainHttp);
            }
            Host::Domain(_) => {}
        }
        Ok(scheme)
    }

    fn may_allow_plain_http(&self) -> bool {
        self.plain_http == PlainHttp::Everywhere || !self.allow.is_empty()
    }
}

/// Whether a name is kept for this machine (RFC 6761).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const LOOPBACK: BlockedReason = BlockedReason::Address(AddressClass::Loopback);

    #[rstest]
    #[case("https://mcp.example/mcp?x=1", Ok(Scheme::Https))]
    #[case("https://1.1.1.1/", Ok(Scheme::Https))]
    #[case("http://mcp.example/mcp", Err(BlockedReason::PlainHttp))]
    #[case("ftp://mcp.example/", Err(BlockedReason::Scheme))]
    #[case("file:///etc/passwd", Err(BlockedReason::Scheme))]
    #[case("https://user@mcp.example/", Err(BlockedReason::UserInfo))]
    #[case("https://:secret@mcp.example/", Err(BlockedReason::UserInfo))]
    #[case("https://mcp.example/#part", Err(BlockedReason::Fragment))]
    #[case("https://mcp.example:0/", Err(BlockedReason::PortZero))]
    #[case("https://127.0.0.1/", Err(LOOPBACK))]
    #[case("https://2130706433/", Err(LOOPBACK))]
    #[case("https://0x7f.1/", Err(LOOPBACK))]
    #[case("https://0177.0.0.1/", Err(LOOPBACK))]
    #[case("https://127.1./", Err(LOOPBACK))]
    #[case("https://%31%32%37.0.0.1/", Err(LOOPBACK))]
    #[case("https://①②⑦.0.0.1/", Err(LOOPBACK))]
    #[case("https://LocalHost./", Err(LOOPBACK))]
    #[case("https://a.localhost/", Err(LOOPBACK))]
    #[case("https://[::ffff:127.0.0.1]/", Err(BlockedReason::Address(AddressClass::Mapped)))]
    #[case("https://[fe80::1]/", Err(BlockedReason::Address(AddressClass::LinkLocal)))]
    #[case("https://169.254.169.254/latest", Err(BlockedReason::Address(AddressClass::Metadata)))]
    fn check_url_by_default_lets_public_https_pass(#[case] url: Url, #[case] expected: Result<Scheme, BlockedReason>) {
        assert_eq!(EgressPolicy::public_only().check_url(&url), expected);
    }

    #[test]
    fn check_url_with_loopback_allows_this_machine_and_nothing_else_in_the_clear() {
        let policy = EgressPolicy::public_only().with_loopback();
        for url in ["http://localhost:3000/mcp", "http://127.0.0.1/", "http://[::1]:1/", "https://localhost/"] {
            assert!(policy.check_url(&Url::parse(url).unwrap()).is_ok(), "{url}");
        }
        for url in ["http://10.0.0.1/", "http://1.1.1.1/", "http://169.254.169.254/", "http://[::ffff:127.0.0.1]/"] {
            assert!(policy.check_url(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
    }

    #[test]
    fn check_address_with_an_allowed_range_lets_it_pass_in_the_clear() {
        let policy = EgressPolicy::public_only().allowing(["10.1.0.0/16".parse().unwrap()]);
        assert_eq!(policy.check_address("10.1.2.3".parse().unwrap(), Scheme::Http), Ok(()));
        assert!(policy.check_address("10.2.0.1".parse().unwrap(), Scheme::Https).is_err());
    }

    #[test]
    fn check_address_with_plain_http_everywhere_still_wants_public_ones() {
        let policy = EgressPolicy { plain_http: PlainHttp::Everywhere, ..EgressPolicy::public_only() };
        assert_eq!(policy.check_address("1.1.1.1".parse().unwrap(), Scheme::Http), Ok(()));
        assert_eq!(policy.check_address("127.0.0.1".parse().unwrap(), Scheme::Http), Err(LOOPBACK));
    }
}
