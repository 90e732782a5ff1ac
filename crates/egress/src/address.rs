//! Which addresses are public.
//!
//! Sources: the IANA special-purpose address registries (RFC 6890 and its successors), and the metadata services of
//! clouds. For IPv6 the rule is turned round: only global unicast (2000::/3) can be public at all.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// Reachable by everybody.
    Public,
    /// This host on this network.
    Unspecified,
    /// This machine.
    Loopback,
    /// A private network.
    Private,
    /// Behind a provider's translation (100.64.0.0/10).
    Shared,
    /// This link.
    LinkLocal,
    /// A cloud's service for its own machines.
    Metadata,
    /// Many machines at once.
    Multicast,
    /// Examples in texts.
    Documentation,
    /// Measurements.
    Benchmarking,
    /// Kept back, or given out for a protocol's own purposes.
    Reserved,
    /// An IPv4 address written as an IPv6 one.
    Mapped,
    /// An IPv6 address that another machine translates into an IPv4 one (NAT64, 6to4, Teredo).
    Translated,
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata",
            Self::Multicast => "multicast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Reserved => "reserved",
            Self::Mapped => "mapped",
            Self::Translated => "translated",
        })
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// IPv4 ranges that are not public; the first that fits tells the class.
const V4: &[(Ipv4Net, AddressClass)] = &[
    (v4(0, 0, 0, 0, 8), AddressClass::Unspecified),
    (v4(10, 0, 0, 0, 8), AddressClass::Private),
    (v4(100, 100, 100, 200, 32), AddressClass::Metadata),
    (v4(100, 64, 0, 0, 10), AddressClass::Shared),
    (v4(127, 0, 0, 0, 8), AddressClass::Loopback),
    // Looks public, and is a cloud's agent endpoint on every machine there.
    (v4(168, 63, 129, 16, 32), AddressClass::Metadata),
    (v4(169, 254, 169, 254, 32), AddressClass::Metadata),
    (v4(169, 254, 170, 2, 32), AddressClass::Metadata),
    (v4(169, 254, 0, 0, 16), AddressClass::LinkLocal),
    (v4(172, 16, 0, 0, 12), AddressClass::Private),
    (v4(192, 0, 0, 192, 32), AddressClass::Metadata),
    (v4(192, 0, 0, 0, 24), AddressClass::Reserved),
    (v4(192, 0, 2, 0, 24), AddressClass::Documentation),
    (v4(192, 88, 99, 0, 24), AddressClass::Translated),
    (v4(192, 168, 0, 0, 16), AddressClass::Private),
    (v4(198, 18, 0, 0, 15), AddressClass::Benchmarking),
    (v4(198, 51, 100, 0, 24), AddressClass::Documentation),
    (v4(203, 0, 113, 0, 24), AddressClass::Documentation),
    (v4(224, 0, 0, 0, 4), AddressClass::Multicast),
    (v4(240, 0, 0, 0, 4), AddressClass::Reserved),
];

const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// IPv6 ranges that are not public; the first that fits tells the class.
const V6: &[(Ipv6Net, AddressClass)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), AddressClass::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), AddressClass::Loopback),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), AddressClass::Mapped),
    // IPv4-compatible and IPv4-translated forms: both out of use, both still understood somewhere.
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), AddressClass::Mapped),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), AddressClass::Translated),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), AddressClass::Translated),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), AddressClass::Translated),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), AddressClass::Translated),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), AddressClass::Benchmarking),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), AddressClass::Reserved),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), AddressClass::Documentation),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), AddressClass::Translated),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), AddressClass::Documentation),
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), AddressClass::Metadata),
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), AddressClass::Metadata),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), AddressClass::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), AddressClass::LinkLocal),
    // Site-local: replaced long ago, and still routed in places.
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), AddressClass::Private),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), AddressClass::Multicast),
];

/// What `address` is for.
#[must_use]
pub fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(address) => {
            V4.iter().find(|(net, _)| net.contains(&address)).map_or(AddressClass::Public, |&(_, class)| class)
        }
        IpAddr::V6(address) => {
            let otherwise =
                if GLOBAL_UNICAST.contains(&address) { AddressClass::Public } else { AddressClass::Reserved };
            V6.iter().find(|(net, _)| net.contains(&address)).map_or(otherwise, |&(_, class)| class)
        }
    }
}

/// Whether everybody reaches the same machine under `address`. Mapped and translated forms are not public, whatever
/// they stand for.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    classify(address) == AddressClass::Public
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1.1.1.1", AddressClass::Public)]
    #[case("172.15.255.255", AddressClass::Public)]
    #[case("172.32.0.1", AddressClass::Public)]
    #[case("100.63.255.255", AddressClass::Public)]
    #[case("192.0.1.1", AddressClass::Public)]
    #[case("198.20.0.1", AddressClass::Public)]
    #[case("223.255.255.255", AddressClass::Public)]
    #[case("0.0.0.0", AddressClass::Unspecified)]
    #[case("0.1.2.3", AddressClass::Unspecified)]
    #[case("10.255.255.255", AddressClass::Private)]
    #[case("100.64.0.1", AddressClass::Shared)]
    #[case("100.100.100.200", AddressClass::Metadata)]
    #[case("127.255.255.254", AddressClass::Loopback)]
    #[case("168.63.129.16", AddressClass::Metadata)]
    #[case("169.254.169.254", AddressClass::Metadata)]
    #[case("169.254.1.1", AddressClass::LinkLocal)]
    #[case("172.31.255.255", AddressClass::Private)]
    #[case("192.0.0.1", AddressClass::Reserved)]
    #[case("192.0.2.1", AddressClass::Documentation)]
    #[case("192.88.99.1", AddressClass::Translated)]
    #[case("192.168.1.1", AddressClass::Private)]
    #[case("198.19.255.255", AddressClass::Benchmarking)]
    #[case("224.0.0.1", AddressClass::Multicast)]
    #[case("255.255.255.255", AddressClass::Reserved)]
    #[case("2606:4700::1111", AddressClass::Public)]
    #[case("2a00::1", AddressClass::Public)]
    #[case("::", AddressClass::Unspecified)]
    #[case("::1", AddressClass::Loopback)]
    #[case("::ffff:8.8.8.8", AddressClass::Mapped)]
    #[case("::ffff:127.0.0.1", AddressClass::Mapped)]
    #[case("::127.0.0.1", AddressClass::Mapped)]
    #[case("::ffff:0:127.0.0.1", AddressClass::Translated)]
    #[case("64:ff9b::10.0.0.1", AddressClass::Translated)]
    #[case("64:ff9b:1::1", AddressClass::Translated)]
    #[case("100::1", AddressClass::Reserved)]
    #[case("2001::1", AddressClass::Translated)]
    #[case("2001:2::1", AddressClass::Benchmarking)]
    #[case("2001:20::1", AddressClass::Reserved)]
    #[case("2001:db8::1", AddressClass::Documentation)]
    #[case("2002:7f00:1::", AddressClass::Translated)]
    #[case("3fff::1", AddressClass::Documentation)]
    #[case("5f00::1", AddressClass::Reserved)]
    #[case("fd00:ec2::254", AddressClass::Metadata)]
    #[case("fc00::1", AddressClass::Private)]
    #[case("fe80::1", AddressClass::LinkLocal)]
    #[case("fec0::1", AddressClass::Private)]
    #[case("ff02::1", AddressClass::Multicast)]
    fn classify_of_an_address_is_its_class(#[case] address: IpAddr, #[case] expected: AddressClass) {
        assert_eq!(classify(address), expected);
        assert_eq!(is_public(address), expected == AddressClass::Public);
    }
}
