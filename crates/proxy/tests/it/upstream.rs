//! An upstream on loopback: it keeps what it is sent and answers as a test tells it to.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Channel};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) type Sender = http_body_util::channel::Sender<Bytes, std::io::Error>;
type Answer = Box<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
}

impl Seen {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.raw).unwrap_or(Value::Null)
    }

    pub(crate) fn rpc(&self) -> String {
        self.body()["method"].as_str().unwrap_or_default().to_owned()
    }
}

/// How a request is answered.
pub(crate) enum Reply {
    /// Whole, with a content type.
    Whole(StatusCode, Vec<(&'static str, String)>, String),
    /// As a stream that a test goes on with.
    Stream(&'static str, Box<dyn FnOnce(Sender) + Send>),
    /// Never.
    Hang,
}

impl Reply {
    pub(crate) fn json(body: &Value) -> Self {
        Self::text(StatusCode::OK, "application/json", body.to_string())
    }

    pub(crate) fn status(status: StatusCode) -> Self {
        Self::text(status, "text/plain", "some words".to_owned())
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, text: String) -> Self {
        Self::Whole(status, vec![("content-type", content_type.to_owned())], text)
    }

    /// An event stream of these pieces, which then ends.
    pub(crate) fn events(pieces: Vec<String>) -> Self {
        Self::Stream(
            "text/event-stream",
            Box::new(move |mut sender| {
                tokio::spawn(async move {
                    for piece in pieces {
                        let _ = sender.send_data(piece.into()).await;
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                });
            }),
        )
    }
}

/// A running upstream.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    running: tokio::task::JoinHandle<()>,
}

impl Upstream {
    /// Answers what `answer` has no reply to in the ordinary way.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Answer> = Arc::new(Box::new(move |seen: &Seen| answer(seen).unwrap_or_else(|| ordinary(seen))));
        let kept = Arc::clone(&seen);
        let running = tokio::spawn(async move {
            // Dropping the set closes the connections.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (answer, kept) = (Arc::clone(&answer), Arc::clone(&kept));
                connections.spawn(async move {
                    let service = service_fn(move |request| serve(request, Arc::clone(&answer), Arc::clone(&kept)));
                    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { address, seen, running }
    }

    /// One that is as it should be.
    pub(crate) async fn ordinary() -> Self {
        Self::start(|_| None).await
    }

    /// Goes away: nobody listens at its address any more, and its connections are closed.
    pub(crate) async fn stop(self) {
        self.running.abort();
        let _ = self.running.await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("lock").clone()
    }

    /// The requests of one JSON-RPC method.
    pub(crate) fn seen_of(&self, rpc: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.rpc() == rpc).collect()
    }
}

async fn serve(
    request: Request<Incoming>,
    answer: Arc<Answer>,
    kept: Arc<Mutex<Vec<Seen>>>,
) -> Result<Response<http_body_util::combinators::BoxBody<Bytes, std::io::Error>>, Infallible> {
    let (head, body) = request.into_parts();
    let raw = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let seen = Seen { method: head.method, headers: head.headers, raw };
    kept.lock().expect("lock").push(seen.clone());
    let (mut sender, body) = Channel::new(8);
    let mut response = Response::new(body.boxed());
    match answer(&seen) {
        Reply::Whole(status, headers, text) => {
            *response.status_mut() = status;
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().expect("header"));
            }
            tokio::spawn(async move {
                let _ = sender.send_data(text.into()).await;
            });
        }
        Reply::Stream(content_type, go_on) => {
            response.headers_mut().insert("content-type", content_type.parse().expect("header"));
            go_on(sender);
        }
        Reply::Hang => std::future::pending::<()>().await,
    }
    Ok(response)
}

/// What a well-behaved server with sessions answers.
pub(crate) fn ordinary(seen: &Seen) -> Reply {
    if seen.method != Method::POST {
        return Reply::status(if seen.method == Method::DELETE {
            StatusCode::OK
        } else {
            StatusCode::METHOD_NOT_ALLOWED
        });
    }
    let body = seen.body();
    let id = body["id"].clone();
    let result = match seen.rpc().as_str() {
        "initialize" => {
            let result = json!({
                "protocolVersion": body["params"]["protocolVersion"],
                "capabilities": { "tools": {}, "tasks": {} },
                "serverInfo": { "name": "test", "version": "1" },
            });
            let body = json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string();
            let headers = vec![("content-type", "application/json".to_owned()), ("mcp-session-id", "up-1".to_owned())];
            return Reply::Whole(StatusCode::OK, headers, body);
        }
        "tools/list" => json!({ "tools": [tool("echo"), tool("delete_all"), tool("refund")] }),
        "resources/list" => json!({ "resources": [{ "uri": "file:///a" }, { "uri": "secret:///b" }] }),
        "tools/call" | "resources/read" | "prompts/get" => json!({ "content": [{ "type": "text", "text": "done" }] }),
        _ if id.is_null() => return Reply::text(StatusCode::ACCEPTED, "text/plain", String::new()),
        _ => json!({}),
    };
    Reply::json(&json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

/// What a well-behaved server of the modern era answers, and of no other.
pub(crate) fn modern(seen: &Seen) -> Reply {
    let body = seen.body();
    let error = |status: StatusCode, code: i64| {
        let error = json!({ "code": code, "message": "no" });
        let body = json!({ "jsonrpc": "2.0", "id": body["id"], "error": error });
        Reply::text(status, "application/json", body.to_string())
    };
    let meta = &body["params"]["_meta"];
    if seen.method != Method::POST {
        return Reply::status(StatusCode::METHOD_NOT_ALLOWED);
    }
    if body["method"] == "initialize" || !meta["io.modelcontextprotocol/clientCapabilities"].is_object() {
        return error(StatusCode::BAD_REQUEST, -32022);
    }
    if seen.headers.get("mcp-method").is_none_or(|method| body["method"] != method.to_str().unwrap_or_default()) {
        return error(StatusCode::BAD_REQUEST, -32020);
    }
    let hints = |mut result: Value| {
        result["ttlMs"] = json!(3_600_000);
        result["cacheScope"] = json!("public");
        result
    };
    let mut result = match seen.rpc().as_str() {
        "server/discover" => hints(json!({
            "supportedVersions": ["2026-07-28"], "instructions": "be kind",
            "capabilities": { "tools": { "listChanged": true }, "resources": { "subscribe": true } },
            "_meta": { "io.modelcontextprotocol/serverInfo": { "name": "modern", "version": "3" } },
        })),
        "tools/list" => hints(json!({ "tools": [tool("echo"), tool("delete_all"), tool("refund")] })),
        "resources/read" if body["params"]["uri"] == "file:///none" => return error(StatusCode::OK, -32602),
        "resources/read" => hints(json!({ "contents": [{ "uri": body["params"]["uri"], "text": "done" }] })),
        "tools/call" | "prompts/get" => json!({ "content": [{ "type": "text", "text": "done" }], "own": 1 }),
        _ => return error(StatusCode::NOT_FOUND, -32601),
    };
    result["resultType"] = json!("complete");
    Reply::json(&json!({ "jsonrpc": "2.0", "id": body["id"], "result": result }))
}

pub(crate) fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "a tool", "inputSchema": { "type": "object" }, "x-own": { "kept": [1.0] } })
}
