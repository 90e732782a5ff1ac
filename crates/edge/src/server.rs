//! The accept loop: connections in, requests to one function, an end in order.
//!
//! hyper's own builder and not `axum::serve`, which sets no timer: without one, hyper's limit on the time a request's
//! head may take never fires, and whoever sends a byte a minute keeps a connection for ever.

mod addresses;

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client_address::TrustedProxies;
use crate::server::addresses::Addresses;

/// After an error that accepting will meet again at once, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may be idle once the shutdown has begun. A request that was on its way when it began is answered,
/// and told to close; what comes later than this finds the connection closed.
const IDLE_AT_SHUTDOWN: Duration = Duration::from_millis(500);

/// How often a connection of HTTP/2 is asked whether the other side is still there.
const HTTP2_KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Largest headers of a request of HTTP/2, in bytes. More than handlers allow, so that they can say what is wrong.
const HTTP2_HEADERS_MAX_BYTES: u32 = 128 * 1024;

/// How long the other side of a connection may be without a sign of life, where nobody says otherwise.
pub const SILENCE: Duration = Duration::from_secs(120);

/// Has the system give up a connection whose other side vanished: a machine that lost its power or its network says no
/// goodbye, and its connection would stay for hours.
///
/// One on which nothing is sent is asked whether anybody is there: after half the time, then four times in the rest of
/// it. One on which something is sent is given up when the time passed without an acknowledgement.
fn give_up_after(stream: &TcpStream, silence: Duration) {
    let socket = SockRef::from(stream);
    let questions = TcpKeepalive::new().with_time(silence / 2).with_interval(silence / 8).with_retries(4);
    // They can only fail on a connection that is gone already.
    let _ = socket.set_tcp_keepalive(&questions);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(silence));
}

/// Bounds of a listener.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Connections at once; further ones wait in the system's queue.
    pub connections: usize,
    /// Connections of one address at once, of a network of IPv6; further ones are closed. Not of the proxies.
    pub connections_per_address: u32,
    /// Proxies of ours, behind which there are many clients.
    pub proxies: TrustedProxies,
    /// How long the head of a request may take, the first byte of a connection included.
    pub header_timeout: Duration,
    /// How long the other side may be without a sign of life. Whole seconds, from eight on.
    pub silence: Duration,
}

/// The address a connection came from, in the extensions of its requests. Behind a proxy it is the proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Takes connections and answers their requests with `handle` until `shutdown` is cancelled. Then those that wait to be
/// taken are, and no more; those that are open end with the request they are at, or the one that is on its way.
///
/// Every connection is a task of `tasks`: wait for them, within bounds, after the shutdown. Dropping the future stops
/// the accepting only, and nobody is told of a shutdown then.
pub async fn serve<H, F, B>(
    listener: TcpListener,
    handle: H,
    settings: ServerSettings,
    shutdown: CancellationToken,
    tasks: TaskTracker,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let places = Arc::new(Semaphore::new(settings.connections));
    let addresses = Addresses::new(settings.connections_per_address, settings.proxies.clone());
    let builder = Arc::new(builder(&settings));
    let ServerSettings { header_timeout, silence, .. } = settings;
    // Not a word of the end to anybody before nobody can connect any more: whoever is told to go comes again at once, and
    // would find a connection that is taken by the system and by nobody else.
    let closed = CancellationToken::new();
    let mut is_ending = false;
    loop {
        let accepted = async {
            // A place first: a connection that cannot be served is better off waiting in the system's queue.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            accepted = accepted => accepted,
            // Whoever waits in the system's queue was not refused, and would only see the connection break.
            () = tokio::task::yield_now(), if is_ending => break,
            () = shutdown.cancelled(), if !is_ending => {
                is_ending = true;
                continue;
            }
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_one_connection(&error) {
                    tracing::error!(error = %error, "connections cannot be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
                continue;
            }
        };
        let Some(of_address) = addresses.take(peer.ip()) else { continue };
        let (builder, handle, closed) = (Arc::clone(&builder), handle.clone(), closed.clone());
        tasks.spawn(async move {
            give_up_after(&stream, silence);
            connection(&builder, stream, peer, handle, header_timeout, closed).await;
            drop((place, of_address));
        });
    }
    drop(listener);
    closed.cancel();
}

/// Whether an error of `accept` is about the connection that was to come, and not about the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn builder(settings: &ServerSettings) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(settings.header_timeout);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HTTP2_KEEP_ALIVE).max_concurrent_streams(256);
    builder.http2().max_header_list_size(HTTP2_HEADERS_MAX_BYTES);
    builder
}

async fn connection<H, F, B>(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    handle: H,
    header_timeout: Duration,
    closed: CancellationToken,
) where
    H: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Small messages, each of which somebody waits for. It can only fail on a connection that is gone already.
    let _ = stream.set_nodelay(true);
    // hyper's timer starts with the first byte, once the version of HTTP is known.
    let mut first = [0];
    let begun = tokio::select! {
        begun = timeout(header_timeout, stream.peek(&mut first)) => begun,
        () = closed.cancelled() => timeout(IDLE_AT_SHUTDOWN, stream.peek(&mut first)).await,
    };
    if !matches!(begun, Ok(Ok(1))) {
        return;
    }
    let ending = closed.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        // HTTP/2 has a frame for it.
        let is_told = request.version() <= Version::HTTP_11;
        let (answer, ending) = (handle(request), ending.clone());
        async move {
            let mut response = answer.await?;
            if is_told && ending.is_cancelled() {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closed.cancelled() => match timeout(IDLE_AT_SHUTDOWN, connection.as_mut()).await {
            Ok(ended) => ended,
            Err(_) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = ended {
        // Clients leave in the middle of things all day; only somebody who looks for it wants to know.
        tracing::debug!(error = %error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests;
