//! An MCP server that writes down every call that arrives, by the call's own number.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// One call that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The call's number.
    pub number: u128,
    /// Microseconds since the trial began.
    pub at_us: u64,
}

/// A counting MCP server in this process; it ends when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    seen: Arc<Seen>,
    _task: tokio_util::task::AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Seen {
    began: Instant,
    tools: Vec<String>,
    /// How long a call of `hold` is kept.
    hold: Duration,
    /// From then on none is.
    released: CancellationToken,
    arrivals: Mutex<Vec<Arrival>>,
    /// By tool: in flight now, and at most.
    in_flight: Mutex<BTreeMap<String, (u64, u64)>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: &'a str,
    #[serde(borrow)]
    params: Option<Params<'a>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    name: Option<&'a str>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
    #[serde(rename = "protocolVersion")]
    protocol_version: Option<&'a str>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    traceparent: Option<&'a str>,
}

impl Upstream {
    /// Starts it, with these tools. A tool whose name begins with `hold` takes so long to answer; every other answers at
    /// once.
    ///
    /// # Errors
    ///
    /// When there is no port.
    pub async fn start(began: Instant, tools: &[&str], hold: Duration) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen {
            began,
            tools: tools.iter().copied().map(str::to_owned).collect(),
            hold,
            released: CancellationToken::new(),
            arrivals: Mutex::default(),
            in_flight: Mutex::default(),
        });
        let task = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(accept(listener, Arc::clone(&seen))));
        Ok(Self { address, seen, _task: task })
    }

    /// Its MCP endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets all calls go that are kept, and those that are still to come.
    pub fn release(&self) {
        self.seen.released.cancel();
    }

    /// Calls that have arrived, in their order.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Arrival> {
        lock(&self.seen.arrivals).clone()
    }

    /// How many calls have arrived.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.seen.arrivals).len()
    }

    /// Most calls of a tool that were here at once.
    #[must_use]
    pub fn most_in_flight(&self, tool: &str) -> u64 {
        lock(&self.seen.in_flight).get(tool).map_or(0, |(_, most)| *most)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, seen: Arc<Seen>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&seen)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, seen: Arc<Seen>) {
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| answer(Arc::clone(&seen), request));
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(seen: Arc<Seen>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::POST {
        return Ok(empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    let Ok(body) = request.into_body().collect().await else { return Ok(empty(StatusCode::BAD_REQUEST)) };
    let body = body.to_bytes();
    let Ok(message) = serde_json::from_slice::<Message<'_>>(&body) else { return Ok(empty(StatusCode::BAD_REQUEST)) };
    let Some(id) = message.id else { return Ok(empty(StatusCode::ACCEPTED)) };
    let params = message.params.as_ref();
    let result = match message.method {
        "tools/call" => {
            let name = params.and_then(|params| params.name).unwrap_or_default();
            seen.call(name, params).await;
            return Ok(result(id, r#"{"content":[{"type":"text","text":"done"}]}"#));
        }
        "initialize" => json!({
            "protocolVersion": params.and_then(|params| params.protocol_version).unwrap_or("2025-11-25"),
            "capabilities": {"tools": {}}, "serverInfo": {"name": "counting upstream", "version": "1.0.0"},
        }),
        "tools/list" => json!({"tools": seen.tools.iter().map(|name| tool(name)).collect::<Vec<_>>()}),
        _ => json!({}),
    };
    Ok(result_of(id, &result))
}

impl Seen {
    async fn call(&self, name: &str, params: Option<&Params<'_>>) {
        let trace = params.and_then(|params| params.meta.as_ref()).and_then(|meta| meta.traceparent);
        let number = trace.and_then(|trace| u128::from_str_radix(trace.get(3..35)?, 16).ok()).unwrap_or_default();
        let at_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        lock(&self.arrivals).push(Arrival { number, at_us });
        if name.starts_with("hold") {
            // Counted down also when the other side leaves.
            let _held = Held::of(self, name);
            let kept = tokio::time::sleep(self.hold);
            self.released.run_until_cancelled(kept).await;
        }
    }
}

/// A call that is kept.
struct Held<'a> {
    seen: &'a Seen,
    name: &'a str,
}

impl<'a> Held<'a> {
    fn of(seen: &'a Seen, name: &'a str) -> Self {
        let mut in_flight = lock(&seen.in_flight);
        let (now, most) = in_flight.entry(name.to_owned()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(in_flight);
        Self { seen, name }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some((now, _)) = lock(&self.seen.in_flight).get_mut(self.name) {
            *now -= 1;
        }
    }
}

fn tool(name: &str) -> Value {
    json!({
        "name": name, "description": format!("The tool {name}."),
        "inputSchema": {"type": "object", "properties": {"amount": {"type": "number"}}},
    })
}

fn result_of(id: &RawValue, value: &Value) -> Response<Full<Bytes>> {
    result(id, &value.to_string())
}

fn result(id: &RawValue, value: &str) -> Response<Full<Bytes>> {
    let body = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{value}}}"#, id.get());
    let mut response = Response::new(Full::new(Bytes::from(body)));
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
