//! The services of one process: started, and stopped in order.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_edge::TrustedProxies;
use ostiary_edge::server::{self, SILENCE, ServerSettings};
use ostiary_proxy::Gateway;
use tokio::net::TcpListener;

use crate::backend::Backend;
use crate::config::Config;
use crate::service::Service;
use crate::shutdown::Shutdown;
use crate::wiring;

/// How long what is left may take to be written once no call is under way.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// How long the database may take to close.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// A gateway that serves. Dropping it without [`Serving::stop`] ends it as a killed process would, but for what
/// other tasks still hold.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    drain: Duration,
    calls: Shutdown,
    log: Shutdown,
    /// None where agents are not served.
    gateway: Option<Gateway>,
    backend: Backend,
}

impl Serving {
    /// Binds, opens the data, and serves everything from then on.
    ///
    /// # Errors
    ///
    /// What keeps it from serving, for the person who started it.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_service(config, Service::Everything).await
    }

    /// As [`Serving::start`], some of the services only.
    ///
    /// # Errors
    ///
    /// What keeps it from serving, for the person who started it.
    pub async fn start_service(mut config: Config, service: Service) -> anyhow::Result<Self> {
        let (address, variable) = service.address(&config);
        // What depends on who can connect depends on where this process listens.
        config.listen.address = address;
        let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                anyhow::anyhow!("something listens on {address} already; stop it, or set {variable} to another address")
            }
            _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
        })?;
        let address = listener.local_addr().context("cannot tell the address")?;
        let (calls, log) = (Shutdown::default(), Shutdown::default());
        let wired = wiring::wire(&config, service, address, &calls, &log).await?;
        let settings = ServerSettings {
            connections: config.http.connections,
            connections_per_address: config.limits.connections_per_address,
            proxies: TrustedProxies::new(config.http.trusted_proxies.iter().copied()),
            header_timeout: config.http.header_timeout,
            silence: SILENCE,
        };
        let front = wired.front;
        let gateway = front.gateway.clone();
        let handle = move |request| front.clone().serve(request);
        calls.tasks.spawn(server::serve(listener, handle, settings, calls.token.clone(), calls.tasks.clone()));
        Ok(Self { address, drain: config.http.drain, calls, log, gateway, backend: wired.backend })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until this process must not serve any more, because another one has its database; for ever, most often.
    pub async fn lost(&self) {
        self.backend.lost().await;
    }

    /// Takes no more calls, lets those under way end within the configured time, and writes what is left.
    ///
    /// # Errors
    ///
    /// When not everything could be written in time. Decisions of calls that were forwarded are never among it: they
    /// were durable before.
    pub async fn stop(self) -> anyhow::Result<()> {
        if !self.calls.finish(self.drain).await {
            tracing::warn!("calls that did not end in time are cut off");
        }
        if let Some(gateway) = &self.gateway {
            gateway.end_upstream_sessions().await;
        }
        let written = self.log.finish(WRITE_PATIENCE).await;
        // A read that is stuck must not keep the process: everything that was acknowledged is in the file by now.
        if tokio::time::timeout(CLOSE_PATIENCE, self.backend.close()).await.is_err() {
            tracing::warn!("the database could not be closed in time");
        }
        anyhow::ensure!(written, "the ends of the last calls could not be written in time");
        Ok(())
    }
}
