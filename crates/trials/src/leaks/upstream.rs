//! An MCP server with sessions that knows what is open: sessions, requests and connections.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

type Body = Either<Full<Bytes>, Channel<Bytes, std::io::Error>>;

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct MixedUpstream {
    address: SocketAddr,
    state: Arc<State>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    sessions: Mutex<BTreeSet<String>>,
    opened: AtomicU64,
    requests: AtomicU64,
    connections: AtomicU64,
}

/// One more of something, for as long as this lives.
struct Counted(Arc<State>, fn(&State) -> &AtomicU64);

impl Counted {
    fn one(state: &Arc<State>, of: fn(&State) -> &AtomicU64) -> Self {
        of(state).fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(state), of)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::SeqCst);
    }
}

impl MixedUpstream {
    pub(super) async fn start() -> anyhow::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts where another one was before.
    pub(super) async fn start_at(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let task = AbortOnDropHandle::new(tokio::spawn(accept(listener, Arc::clone(&state))));
        Ok(Self { address, state, _task: task })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Sessions that were ever opened by agents.
    pub(super) fn opened(&self) -> u64 {
        self.state.opened.load(Ordering::SeqCst)
    }

    /// Sessions, requests and connections that are open.
    pub(super) fn left(&self) -> (usize, u64, u64) {
        let requests = self.state.requests.load(Ordering::SeqCst);
        (self.state.sessions().len(), requests, self.state.connections.load(Ordering::SeqCst))
    }
}

impl State {
    fn sessions(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    let _connection = Counted::one(&state, |state| &state.connections);
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| answer(Arc::clone(&state), request));
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let counted = Counted::one(&state, |state| &state.requests);
    let session = request.headers().get("mcp-session-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let is_known = session.as_ref().is_none_or(|id| state.sessions().contains(id));
    if !is_known {
        return Ok(status(StatusCode::NOT_FOUND));
    }
    match *request.method() {
        Method::DELETE => {
            if let Some(id) = session {
                state.sessions().remove(&id);
            }
            Ok(status(StatusCode::OK))
        }
        Method::GET => Ok(stream(counted, async |mut sender: Sender<_, _>| {
            while sender.send_data(Bytes::from_static(b": still here\n\n")).await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        })),
        _ => {
            let Ok(body) = request.into_body().collect().await else { return Ok(status(StatusCode::BAD_REQUEST)) };
            let message: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
            Ok(reply(&state, counted, &message).await)
        }
    }
}

async fn reply(state: &Arc<State>, counted: Counted, message: &Value) -> Response<Body> {
    let Some(id) = message.get("id").cloned() else { return status(StatusCode::ACCEPTED) };
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
    let done = result(json!({"content": [{"type": "text", "text": "done"}]}));
    match (message["method"].as_str().unwrap_or_default(), message["params"]["name"].as_str().unwrap_or_default()) {
        ("initialize", _) => {
            let mut response = whole(result(json!({
                "protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                "serverInfo": {"name": "mixed upstream", "version": "1.0.0"}})));
            let session = format!("session-{}", state.opened.fetch_add(1, Ordering::SeqCst));
            if let Ok(value) = HeaderValue::from_str(&session) {
                response.headers_mut().insert("mcp-session-id", value);
            }
            state.sessions().insert(session);
            response
        }
        ("tools/list", _) => {
            let tool = |name: &str| json!({"name": name, "inputSchema": {"type": "object"}});
            let tools = ["echo", "slow", "large", "dies", "hang"].map(tool);
            whole(result(json!({ "tools": tools })))
        }
        ("tools/call", "slow") => stream(counted, async move |mut sender| {
            for _ in 0..4 {
                let note = json!({"jsonrpc": "2.0", "method": "notifications/message",
                    "params": {"level": "info", "data": "still at it"}});
                if sender.send_data(format!("data: {note}\n\n").into()).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(30)).await;
            }
            drop(sender.send_data(format!("data: {done}\n\n").into()).await);
        }),
        ("tools/call", "large") => whole(result(json!({"content": [{"type": "text", "text": "x".repeat(4 << 20)}]}))),
        ("tools/call", "dies") => stream(counted, async |mut sender| {
            drop(sender.send_data(Bytes::from_static(b": soon\n\ndata: {\"jsonrpc\":")).await);
            sleep(Duration::from_millis(10)).await;
            sender.abort(std::io::Error::other("died"));
        }),
        ("tools/call", "hang") => {
            sleep(Duration::from_secs(3600)).await;
            drop(counted);
            whole(done)
        }
        _ => whole(done),
    }
}

fn whole(body: String) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(body))));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}

/// An event stream that `write` writes. It counts as a request until it is over or nobody reads it any more.
fn stream<F>(counted: Counted, write: impl FnOnce(Sender<Bytes, std::io::Error>) -> F) -> Response<Body>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, body) = Channel::new(1);
    let writing = write(sender);
    tokio::spawn(async move {
        writing.await;
        drop(counted);
    });
    let mut response = Response::new(Either::Right(body));
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/event-stream"));
    response
}
