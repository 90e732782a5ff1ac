use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::address::AddressClass;
use crate::body::collect_bounded;
use crate::error::BlockedReason;
use crate::policy::EgressPolicy;
use crate::resolver::Resolve;

const PATIENCE: Duration = Duration::from_secs(5);

fn client(policy: EgressPolicy) -> UpstreamClient {
    UpstreamClient::new(Guard::new(policy), &UpstreamSettings::default()).unwrap()
}

fn with_loopback() -> UpstreamClient {
    client(EgressPolicy::public_only().with_loopback())
}

fn get(uri: impl AsRef<str>) -> Request<Full<Bytes>> {
    Request::get(uri.as_ref()).body(Full::default()).unwrap()
}

/// A server that answers every request with its path, and counts its connections.
async fn echo() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let service = service_fn(|request: Request<Incoming>| async move {
                let path = request.uri().path().to_owned();
                let answer = Response::builder().status(if path == "/away" { 302 } else { 200 });
                Ok::<_, Infallible>(answer.header("location", "/").body(Full::new(Bytes::from(path))).unwrap())
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, connections)
}

/// A server that takes one request and then does what `script` says with the connection.
async fn scripted<F>(script: impl FnOnce(tokio::net::TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        script(stream).await;
    });
    address
}

#[tokio::test]
async fn send_twice_uses_one_connection() {
    let (address, connections) = echo().await;
    let client = with_loopback();
    for path in ["/a", "/b"] {
        let answer = client.send(get(format!("http://{address}{path}")), PATIENCE).await.unwrap();
        assert_eq!(collect_bounded(answer.into_body(), 64).await.unwrap(), path);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn send_to_a_redirect_gives_the_redirect() {
    let (address, _) = echo().await;
    let answer = with_loopback().send(get(format!("http://{address}/away")), PATIENCE).await.unwrap();
    assert_eq!(answer.status(), 302);
}

#[tokio::test]
async fn send_to_loopback_by_any_spelling_is_refused_by_default() {
    let (address, connections) = echo().await;
    let client = client(EgressPolicy::public_only());
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]"] {
        let error = client.send(get(format!("http://{host}:{}/", address.port())), PATIENCE).await.unwrap_err();
        // Names that the system does not resolve end in no connection either.
        assert!(matches!(error, EgressError::Blocked(_) | EgressError::Connect { .. }), "{host}: {error:?}");
        assert!(error.is_unsent());
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// Answers with a public address first and with loopback from then on.
#[derive(Debug, Default)]
struct Rebinding(AtomicUsize);

#[async_trait]
impl Resolve for Rebinding {
    async fn resolve(&self, _: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        Ok(vec![SocketAddr::new(if first { "1.1.1.1" } else { "127.0.0.1" }.parse().unwrap(), port)])
    }
}

#[tokio::test]
async fn send_to_a_name_that_changed_its_address_is_refused() {
    let (address, connections) = echo().await;
    let guard = Guard::with_resolver(EgressPolicy::public_only(), Arc::new(Rebinding::default()));
    guard.addresses("a.example", 443, crate::policy::Scheme::Https).await.unwrap();
    let client: UpstreamClient = UpstreamClient::new(guard, &UpstreamSettings::default()).unwrap();
    let error = client.send(get(format!("https://a.example:{}/", address.port())), PATIENCE).await.unwrap_err();
    assert!(matches!(error, EgressError::Blocked(BlockedReason::Address(AddressClass::Loopback))), "{error:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn send_to_a_closed_port_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = with_loopback().send(get(format!("http://{address}/")), PATIENCE).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect { .. }));
    assert!(error.is_unsent());
}

#[tokio::test]
async fn send_over_tls_to_a_server_without_it_was_not_sent() {
    let address = scripted(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let error = with_loopback().send(get(format!("https://{address}/")), PATIENCE).await.unwrap_err();
    assert!(matches!(error, EgressError::Tls { .. }), "{error:?}");
    assert!(error.is_unsent());
}

#[tokio::test]
async fn send_to_a_server_that_agrees_on_no_keys_times_out_while_connecting() {
    let address = scripted(|stream| async move {
        tokio::time::sleep(PATIENCE).await;
        drop(stream);
    })
    .await;
    let guard = Guard::new(EgressPolicy::public_only().with_loopback());
    let settings = UpstreamSettings { connect_timeout: Duration::from_millis(50), ..UpstreamSettings::default() };
    let client: UpstreamClient = UpstreamClient::new(guard, &settings).unwrap();
    let error = client.send(get(format!("https://{address}/")), PATIENCE).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(Phase::Connect)), "{error:?}");
    assert!(error.is_unsent());
}

#[tokio::test]
async fn send_to_a_server_that_hangs_times_out_and_may_have_been_sent() {
    let address = scripted(|stream| async move {
        tokio::time::sleep(PATIENCE).await;
        drop(stream);
    })
    .await;
    let error = with_loopback().send(get(format!("http://{address}/")), Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, EgressError::Timeout(Phase::FirstByte)));
    assert!(!error.is_unsent());
}

#[tokio::test]
async fn send_to_a_server_that_hangs_up_may_have_been_sent() {
    let address = scripted(|stream| async move { drop(stream) }).await;
    let error = with_loopback().send(get(format!("http://{address}/")), PATIENCE).await.unwrap_err();
    assert!(matches!(error, EgressError::Other { .. }), "{error:?}");
    assert!(!error.is_unsent());
}
