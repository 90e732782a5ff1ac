//! Where the program listens, and how it is reached.

use std::net::SocketAddr;

use url::{Host, Url};

use super::read::{Reader, parsed, text};

/// Addresses.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// Where everything is served.
    pub address: SocketAddr,
    /// Where the gateway is served when it is a service of its own.
    pub proxy_address: Option<SocketAddr>,
    /// How it is reached from outside, when that is not the address; without a path.
    pub public_url: Option<Url>,
}

impl ListenConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let address = reader.required("listen", |value| parsed(value, "an address and port, such as 127.0.0.1:8080"));
        let proxy_address =
            reader.optional("proxy_listen", |value| parsed(value, "an address and port, such as 127.0.0.1:8081"));
        let public_url = reader.optional("public_url", |value| public_url(&text(value)?));
        Some(Self { address: address?, proxy_address: proxy_address?, public_url: public_url? })
    }

    /// The public URL, or the one of the address that was bound in the end.
    ///
    /// # Errors
    ///
    /// When the address makes no URL, which no address does.
    pub fn public_url_at(&self, bound: SocketAddr) -> Result<Url, url::ParseError> {
        self.public_url.clone().map_or_else(|| Url::parse(&format!("http://{bound}")), Ok)
    }

    /// Whether nobody but this machine is served: a proxy on the same machine may serve others under the public URL.
    #[must_use]
    pub fn is_local_only(&self) -> bool {
        let is_proxy_local = self.proxy_address.is_none_or(|address| address.ip().is_loopback());
        self.is_loopback_only() && is_proxy_local && self.public_url.as_ref().is_none_or(is_loopback_url)
    }

    /// Whether nobody but this machine can connect.
    #[must_use]
    pub const fn is_loopback_only(&self) -> bool {
        self.address.ip().is_loopback()
    }
}

fn public_url(text: &str) -> Result<Url, String> {
    let wrong = || "must be an http or https URL without path, query or credentials".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && is_anonymous {
        Ok(url)
    } else {
        Err(wrong())
    }
}

fn is_loopback_url(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listener_on_loopback_behind_a_public_url_serves_others_too() {
        for (address, public, expected) in [
            ("127.0.0.1:8080", None, true),
            ("[::1]:8080", Some("http://localhost:8080"), true),
            ("127.0.0.1:8080", Some("http://127.0.0.1:9000"), true),
            ("127.0.0.1:8080", Some("https://gateway.example"), false),
            ("0.0.0.0:8080", None, false),
        ] {
            let public_url = public.map(|url| Url::parse(url).unwrap());
            let listen = ListenConfig { address: address.parse().unwrap(), proxy_address: None, public_url };
            assert_eq!(listen.is_local_only(), expected, "{address} {public:?}");
        }
    }
}
