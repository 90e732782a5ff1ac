use bytes::Bytes;
use http_body_util::Full;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

use super::*;

#[cfg(target_os = "linux")]
mod half_open;

struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

/// Serves on a port of its own; `/slow` waits for the notification.
async fn start(settings: ServerSettings, slow: Arc<Notify>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
    let handle = move |request: Request<Incoming>| {
        let slow = Arc::clone(&slow);
        async move {
            if request.uri().path() == "/slow" {
                slow.notified().await;
            }
            let peer = request.extensions().get::<Peer>().is_some_and(|peer| peer.0.ip().is_loopback());
            Ok(Response::new(Full::new(Bytes::from(format!("peer {peer}")))))
        }
    };
    tasks.spawn(serve(listener, handle, settings, shutdown.clone(), tasks.clone()));
    Server { address, shutdown, tasks }
}

fn settings() -> ServerSettings {
    ServerSettings {
        connections: 64,
        connections_per_address: 64,
        proxies: TrustedProxies::default(),
        header_timeout: Duration::from_millis(200),
        silence: SILENCE,
    }
}

async fn request(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// Everything the server sends until it closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await;
    read.expect("the server closes the connection").unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn request_is_answered_and_knows_its_peer() {
    let server = start(settings(), Arc::default()).await;
    let answer = rest(request(server.address, "/").await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("peer true"), "{answer}");
}

#[tokio::test]
async fn connection_that_sends_nothing_or_half_a_head_is_closed() {
    let server = start(settings(), Arc::default()).await;
    for sent in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let answer = rest(stream).await;
        assert!(!answer.contains("200"), "{sent:?}: {answer}");
    }
}

#[tokio::test]
async fn shutdown_lets_a_request_end_and_closes_idle_connections() {
    let slow = Arc::new(Notify::new());
    let settings = ServerSettings { header_timeout: Duration::from_secs(60), ..settings() };
    let server = start(settings, Arc::clone(&slow)).await;
    let busy = request(server.address, "/slow").await;
    let silent = TcpStream::connect(server.address).await.unwrap();
    // One full exchange afterwards: the two connections before it have been accepted by then.
    let mut idle = request(server.address, "/").await;
    let mut head = [0; 12];
    idle.read_exact(&mut head).await.unwrap();

    server.shutdown.cancel();
    server.tasks.close();
    assert!(rest(silent).await.is_empty());
    rest(idle).await;
    slow.notify_one();
    let answer = rest(busy).await;
    assert!(answer.contains("peer true"), "{answer}");
    timeout(Duration::from_secs(10), server.tasks.wait()).await.expect("every task ends");
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn request_on_its_way_at_shutdown_is_answered_and_told_to_close() {
    let server = start(settings(), Arc::default()).await;
    let mut kept = request(server.address, "/").await;
    let mut head = [0; 12];
    kept.read_exact(&mut head).await.unwrap();
    // Not accepted yet, and its request not sent.
    let mut waiting = TcpStream::connect(server.address).await.unwrap();
    server.shutdown.cancel();
    // Whoever is told to close comes again at once, so nobody is before that leads elsewhere.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for stream in [&mut kept, &mut waiting] {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    }
    for stream in [kept, waiting] {
        let answer = rest(stream).await;
        assert!(answer.contains("connection: close") && answer.ends_with("peer true"), "{answer}");
    }
}

#[tokio::test]
async fn connection_above_the_bound_waits_for_a_place() {
    let slow = Arc::new(Notify::new());
    let server = start(ServerSettings { connections: 1, ..settings() }, Arc::clone(&slow)).await;
    let first = request(server.address, "/slow").await;
    let mut second = request(server.address, "/").await;
    let early = timeout(Duration::from_millis(100), second.read_u8()).await;
    assert!(early.is_err(), "the second is not served while the first holds the place");
    slow.notify_one();
    rest(first).await;
    assert!(rest(second).await.contains("peer true"));
}

#[tokio::test]
async fn connection_above_the_bound_of_its_address_is_closed_at_once_and_not_of_a_proxy() {
    let slow = Arc::new(Notify::new());
    let narrow = ServerSettings { connections_per_address: 1, ..settings() };
    let trusting = TrustedProxies::new(["127.0.0.0/8".parse().unwrap()]);
    let behind = start(ServerSettings { proxies: trusting, ..narrow.clone() }, Arc::clone(&slow)).await;
    let server = start(narrow, Arc::clone(&slow)).await;
    for server in [&server, &behind] {
        let first = request(server.address, "/slow").await;
        let mut head = [0; 12];
        let mut second = request(server.address, "/").await;
        let is_closed = matches!(second.read(&mut head).await, Ok(0) | Err(_));
        assert_eq!(is_closed, server.address != behind.address);
        slow.notify_one();
        assert!(rest(first).await.contains("peer true"));
    }
    // Given back: the closing of the first is noticed within moments.
    for _ in 0..100 {
        let mut stream = request(server.address, "/").await;
        let mut head = [0; 12];
        if stream.read_exact(&mut head).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("the place was not given back");
}
