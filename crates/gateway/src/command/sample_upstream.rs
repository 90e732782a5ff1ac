//! `ostiary sample-upstream`: a small MCP server to try policies on.
//!
//! An invented shop with a payment provider: tools that read, write, cost something, destroy something and take their
//! time. Everything lives in memory and nothing leaves the process, so every tool may be called without a thought.

mod prompts;
mod resources;
mod server;
mod shop;
mod tools;

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use clap::Args as ClapArgs;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::server::SampleServer;
use crate::shutdown;

/// Where the server answers.
pub const PATH: &str = "/mcp";

/// Arguments of `ostiary sample-upstream`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Serves until a signal comes, having printed the URL.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn run(Args { listen }: Args) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    println!("sample MCP server: {}", url(listener.local_addr()?));
    // Dropped at a signal with everything it holds: there is nothing in it that must not be lost.
    tokio::select! {
        served = serve(listener, CancellationToken::new()) => served,
        signalled = shutdown::signal() => Ok(signalled?),
    }
}

/// The URL of a server that listens on `address`.
#[must_use]
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

/// Serves a new shop on `listener` until `shutdown` is cancelled. All sessions see the same shop.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, shutdown: CancellationToken) -> anyhow::Result<()> {
    let server = SampleServer::default();
    let mut config = StreamableHttpServerConfig::default().enforce_origin_validation();
    config.cancellation_token = shutdown.child_token();
    // The service's own check of the host protects listeners on loopback; on other addresses, the operator chose.
    if !listener.local_addr()?.ip().is_loopback() {
        config = config.disable_allowed_hosts();
    }
    let service: StreamableHttpService<SampleServer, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(server.clone()), LocalSessionManager::default().into(), config);
    let router = axum::Router::new().nest_service(PATH, service);
    // An answer is several small writes; held back for the acknowledgement of the one before, each takes 40 ms.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
