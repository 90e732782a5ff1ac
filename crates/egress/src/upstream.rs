//! The client of the hot path: calls to upstreams.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connector::{GuardedConnector, Timed};
use crate::error::{EgressError, Phase};
use crate::guard::Guard;
use crate::tls;

/// How long an unused connection is kept: shorter than the 5 s after which common servers close theirs. What is sent on a
/// connection at the moment it is closed is lost, because it may have been read.
pub(crate) const POOL_IDLE: Duration = Duration::from_secs(4);

/// How an [`UpstreamClient`] connects.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// How long resolving, connecting and agreeing on keys may take together.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept.
    pub pool_idle_timeout: Duration,
    /// How many unused connections are kept for each upstream.
    pub pool_max_idle_per_host: usize,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(5), pool_idle_timeout: POOL_IDLE, pool_max_idle_per_host: 64 }
    }
}

/// Sends requests to upstreams. Connections are pooled by scheme, host and port; HTTP/2 is used where it is offered;
/// redirects are answers like others. Cheap to clone.
pub struct UpstreamClient<B = Full<Bytes>> {
    client: Client<Timed<HttpsConnector<GuardedConnector>>, B>,
}

impl<B> Clone for UpstreamClient<B> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone() }
    }
}

impl<B> std::fmt::Debug for UpstreamClient<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamClient").finish_non_exhaustive()
    }
}

impl<B> UpstreamClient<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    /// A client behind `guard`.
    ///
    /// # Errors
    /// When TLS cannot be set up in this process.
    pub fn new(guard: Guard, settings: &UpstreamSettings) -> Result<Self, EgressError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::config()?)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(GuardedConnector::new(guard));
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.pool_idle_timeout)
            .pool_max_idle_per_host(settings.pool_max_idle_per_host)
            .build(Timed::new(connector, settings.connect_timeout));
        Ok(Self { client })
    }

    /// Sends a request and waits at most `first_byte` for the answer's head.
    ///
    /// The request is sent once: it is put on another connection only when the pooled one turned out to be closed
    /// before a byte was written. Dropping the future gives the request up at once, as does dropping the answer's body.
    ///
    /// # Errors
    /// [`EgressError`]; ask it whether the request can have been sent.
    pub async fn send(&self, request: Request<B>, first_byte: Duration) -> Result<Response<Incoming>, EgressError> {
        match tokio::time::timeout(first_byte, self.client.request(request)).await {
            Ok(answer) => answer.map_err(name),
            Err(_) => Err(EgressError::Timeout(Phase::FirstByte)),
        }
    }
}

fn name(error: ClientError) -> EgressError {
    if error.is_connect() { EgressError::connecting(error.into()) } else { EgressError::other(error) }
}

#[cfg(test)]
mod tests;
