//! Which of the services a process runs.

use std::net::SocketAddr;

use crate::config::Config;

/// The services of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// All of them: `ostiary serve`.
    Everything,
    /// The API and the dashboard: `ostiary api`.
    Api,
    /// The gateway: `ostiary proxy`.
    Proxy,
}

impl Service {
    /// The command that runs it.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Everything => "serve",
            Self::Api => "api",
            Self::Proxy => "proxy",
        }
    }

    /// Whether people are served.
    #[must_use]
    pub const fn has_api(self) -> bool {
        matches!(self, Self::Everything | Self::Api)
    }

    /// Whether agents are served.
    #[must_use]
    pub const fn has_gateway(self) -> bool {
        matches!(self, Self::Everything | Self::Proxy)
    }

    /// Where it listens, and the variable that says so.
    pub(crate) fn address(self, config: &Config) -> (SocketAddr, &'static str) {
        match (self, config.listen.proxy_address) {
            (Self::Proxy, Some(address)) => (address, "OSTIARY_PROXY_LISTEN"),
            _ => (config.listen.address, "OSTIARY_LISTEN"),
        }
    }
}
