//! The listener.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use super::read::{Reader, items, millis, number};

/// How connections are taken and let go.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Connections at once.
    pub connections: usize,
    /// For the head of a request.
    pub header_timeout: Duration,
    /// What calls in flight get at shutdown.
    pub drain: Duration,
    /// Origins of browser pages that may call the gateway.
    pub allowed_origins: Vec<String>,
    /// Hosts that are an account's own, as patterns.
    pub account_hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` says who the client is.
    pub trusted_proxies: Vec<IpNet>,
}

impl HttpConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let connections = reader.required("http.connections", |value| number(value, 1, 1_000_000));
        let header_timeout = reader.required("http.header_timeout_ms", millis);
        let drain = reader.required("http.drain_ms", millis);
        let allowed_origins = reader.required("http.allowed_origins", |value| items(value, origin));
        let account_hosts = reader.required("http.account_hosts", |value| items(value, account_host));
        let trusted_proxies = reader.required("http.trusted_proxies", |value| items(value, range));
        Some(Self {
            connections: connections?,
            header_timeout: header_timeout?,
            drain: drain?,
            allowed_origins: allowed_origins?,
            account_hosts: account_hosts?,
            trusted_proxies: trusted_proxies?,
        })
    }
}

/// A pattern of hosts: `*` for the account's slug, and the rest of the name.
fn account_host(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("*.").filter(|rest| !rest.is_empty() && !rest.contains(['*', '/', ':']));
    rest.map(|_| text.to_owned()).ok_or_else(|| format!("`{text}` is no pattern, such as *.gateway.example"))
}

fn range(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or(address).map_err(|_| format!("`{text}` is no address or range, such as 10.0.0.0/8"))
}

/// An origin as browsers send it: scheme, host and port, and nothing after them.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is no origin, such as https://app.example");
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let origin = url.origin().ascii_serialization();
    if origin == text.trim_end_matches('/') { Ok(origin) } else { Err(wrong()) }
}
