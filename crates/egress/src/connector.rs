//! Guarded connections for hyper.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{error::Error as StdError, io};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::Service;

use crate::error::{BlockedReason, EgressError, Phase};
use crate::guard::Guard;
use crate::policy::Scheme;

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// How long one address may stay silent before the next is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// How many addresses of a host are tried.
const MAX_ADDRESSES: usize = 8;

/// Opens TCP connections to addresses that the guard allows.
#[derive(Debug, Clone)]
pub(crate) struct GuardedConnector {
    guard: Guard,
}

impl GuardedConnector {
    pub(crate) fn new(guard: Guard) -> Self {
        Self { guard }
    }
}

impl Service<Uri> for GuardedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = EgressError;
    type Future = BoxFuture<Self::Response, EgressError>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let guard = self.guard.clone();
        Box::pin(async move {
            let (scheme, default_port) = match uri.scheme_str() {
                Some("https") => (Scheme::Https, 443),
                Some("http") => (Scheme::Http, 80),
                _ => return Err(BlockedReason::Scheme.into()),
            };
            let host = uri.host().ok_or(BlockedReason::NoHost)?;
            let addresses = guard.addresses(host, uri.port_u16().unwrap_or(default_port), scheme).await?;
            let stream =
                connect_any(&addresses).await.map_err(|error| EgressError::Connect { source: error.into() })?;
            // Calls are small and wait for their answer: a held-back segment would be felt.
            let _ = stream.set_nodelay(true);
            Ok(TokioIo::new(stream))
        })
    }
}

/// Connects to the first address that answers, trying the next one when one fails or stays silent.
async fn connect_any(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter().take(MAX_ADDRESSES);
    let mut attempts = FuturesUnordered::new();
    let mut last = None;
    loop {
        match waiting.next() {
            Some(&address) => attempts.push(TcpStream::connect(address)),
            None if attempts.is_empty() => {
                return Err(last.unwrap_or_else(|| io::Error::other("the host has no address")));
            }
            None => {}
        }
        let silence = tokio::time::sleep(STAGGER);
        tokio::select! {
            Some(attempt) = attempts.next() => match attempt {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            },
            () = silence => {}
        }
    }
}

/// Bounds everything that an inner connector does, the agreement on keys included.
#[derive(Debug, Clone)]
pub(crate) struct Timed<C> {
    inner: C,
    timeout: Duration,
}

impl<C> Timed<C> {
    pub(crate) fn new(inner: C, timeout: Duration) -> Self {
        Self { inner, timeout }
    }
}

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri>,
    C::Error: Into<Box<dyn StdError + Send + Sync>>,
    C::Response: 'static,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = EgressError;
    type Future = BoxFuture<C::Response, EgressError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), EgressError>> {
        self.inner.poll_ready(cx).map_err(|error| EgressError::connecting(error.into()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.inner.call(uri);
        let timeout = self.timeout;
        Box::pin(async move {
            match tokio::time::timeout(timeout, connecting).await {
                Ok(connected) => connected.map_err(|error| EgressError::connecting(error.into())),
                Err(_) => Err(EgressError::Timeout(Phase::Connect)),
            }
        })
    }
}
