//! How upstreams are reached.

use std::time::Duration;

use ipnet::IpNet;
use ostiary_egress::PlainHttp;

use super::read::{Reader, items, millis, text};

/// Rules and times for connections to upstreams.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// Address ranges that are permitted though they are not public.
    pub allow: Vec<IpNet>,
    /// Where an upstream may be reached without TLS.
    pub plain_http: PlainHttp,
    /// For connecting.
    pub connect_timeout: Duration,
    /// From the end of the request to the head of the answer.
    pub first_byte_timeout: Duration,
    /// Between two pieces of an answer.
    pub idle_timeout: Duration,
    /// For an answer as a whole.
    pub call_max: Duration,
    /// Between two readings of an inventory that nobody asked for.
    pub inventory_every: Duration,
}

impl UpstreamConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let allow = reader.required("upstream.allow", |value| items(value, range));
        let plain_http = reader.required("upstream.plain_http", |value| match text(value)?.as_str() {
            "allowed_addresses" => Ok(PlainHttp::AllowedAddresses),
            "everywhere" => Ok(PlainHttp::Everywhere),
            _ => Err("must be `allowed_addresses` or `everywhere`".to_owned()),
        });
        let connect_timeout = reader.required("upstream.connect_timeout_ms", millis);
        let first_byte_timeout = reader.required("upstream.first_byte_timeout_ms", millis);
        let idle_timeout = reader.required("upstream.idle_timeout_ms", millis);
        let call_max = reader.required("upstream.call_max_ms", millis);
        let inventory_every = reader.required("upstream.inventory_every_ms", millis);
        Some(Self {
            allow: allow?,
            plain_http: plain_http?,
            connect_timeout: connect_timeout?,
            first_byte_timeout: first_byte_timeout?,
            idle_timeout: idle_timeout?,
            call_max: call_max?,
            inventory_every: inventory_every?,
        })
    }
}

/// A range, or a single address.
fn range(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| format!("`{text}` is no address range, such as 10.0.0.0/8"))
}
