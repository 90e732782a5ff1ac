//! An agent: one connection that makes one call after another, and says exactly how each ended.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// The revision that agents speak.
const REVISION: &str = "2025-11-25";

/// Longer than anything that is bounded may take; an answer that does not come by then is none.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a call ended, as the agent sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With the upstream's result.
    Result,
    /// With a denial: its code and its text.
    Denied(String, String),
    /// With a JSON-RPC error of this code.
    Error(i64),
    /// With another HTTP status than 200.
    Status(u16),
    /// The connection was refused: nobody has seen the call.
    Refused,
    /// The connection broke before the answer.
    Broken,
    /// No answer came.
    Silence,
}

/// Somebody who calls tools at one endpoint.
#[derive(Debug)]
pub struct Agent {
    address: SocketAddr,
    path: String,
    headers: HeaderMap,
    wire: Option<Wire>,
}

#[derive(Debug)]
struct Wire {
    send: SendRequest<Full<Bytes>>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    result: Option<CallResult<'a>>,
    error: Option<RpcError>,
}

#[derive(Deserialize)]
struct RpcError {
    code: i64,
}

#[derive(Deserialize)]
struct CallResult<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
    #[serde(borrow, default)]
    content: Vec<Content<'a>>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    text: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "ostiary/decision")]
    decision: Option<Decision<'a>>,
}

#[derive(Deserialize)]
struct Decision<'a> {
    code: &'a str,
}

impl Agent {
    /// An agent with a token at an endpoint, which calls by way of this address and has no session yet.
    ///
    /// # Errors
    ///
    /// When the token cannot stand in a header.
    pub fn new(address: SocketAddr, path: &str, token: &str) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(&address.to_string())?);
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}"))?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self { address, path: path.to_owned(), headers, wire: None })
    }

    /// Opens a session, which later calls belong to.
    ///
    /// # Errors
    ///
    /// When it is refused, or the connection breaks.
    pub async fn open_session(&mut self) -> anyhow::Result<()> {
        let (status, headers, body) = self.post(initialize()).await.map_err(|answer| anyhow::anyhow!("{answer:?}"))?;
        anyhow::ensure!(status == StatusCode::OK, "{status}: {}", String::from_utf8_lossy(&body));
        if let Some(session) = headers.get("mcp-session-id") {
            self.headers.insert("mcp-session-id", session.clone());
        }
        self.headers.insert("mcp-protocol-version", HeaderValue::from_static(REVISION));
        Ok(())
    }

    /// The same session, by way of another address and on a connection of its own.
    ///
    /// # Errors
    ///
    /// Never for an address.
    pub fn at(&self, address: SocketAddr) -> anyhow::Result<Self> {
        let mut headers = self.headers.clone();
        headers.insert(HOST, HeaderValue::from_str(&address.to_string())?);
        Ok(Self { address, path: self.path.clone(), headers, wire: None })
    }

    /// The address that it calls by way of.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Calls a tool. The number is the call's own: it stands in the trace that the log and the upstream see.
    pub async fn call(&mut self, number: u128, tool: &str, arguments: &str) -> Answer {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{{"traceparent":"00-{number:032x}-00000000000000aa-01"}}}}}}"#
        );
        match self.post(body).await {
            Ok((StatusCode::OK, _, body)) => read(&body),
            Ok((status, _, _)) => Answer::Status(status.as_u16()),
            Err(answer) => answer,
        }
    }

    /// Sends any message; answers the status and the body.
    ///
    /// # Errors
    ///
    /// What there is instead of an answer.
    pub async fn send(&mut self, body: String) -> Result<(u16, Bytes), Answer> {
        self.post(body).await.map(|(status, _, body)| (status.as_u16(), body))
    }

    async fn post(&mut self, body: String) -> Result<(StatusCode, HeaderMap, Bytes), Answer> {
        let mut wire = match self.wire.take().filter(|wire| wire.send.is_ready()) {
            Some(wire) => wire,
            None => self.connect().await?,
        };
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.parse().map_err(|_| Answer::Broken)?;
        *request.headers_mut() = self.headers.clone();
        let exchange = async {
            let response = wire.send.send_request(request).await.map_err(|_| Answer::Broken)?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|_| Answer::Broken)?.to_bytes();
            Ok((head.status, head.headers, body))
        };
        let answer = timeout(PATIENCE, exchange).await.map_err(|_| Answer::Silence)??;
        // One turn of the runtime, in which the connection says whether the other side closed it.
        drop(wire.send.ready().await);
        self.wire = Some(wire);
        Ok(answer)
    }

    async fn connect(&self) -> Result<Wire, Answer> {
        let stream = TcpStream::connect(self.address).await.map_err(|_| Answer::Refused)?;
        drop(stream.set_nodelay(true));
        let (send, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Answer::Broken)?;
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            drop(connection.await);
        }));
        Ok(Wire { send, _task: task })
    }
}

/// The message that opens a session.
#[must_use]
pub fn initialize() -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"{REVISION}","capabilities":{{}},"clientInfo":{{"name":"trial","version":"1.0.0"}}}}}}"#
    )
}

fn read(body: &[u8]) -> Answer {
    // An answer of an upstream that streams is an event.
    let body = body.strip_prefix(b"data: ").unwrap_or(body);
    let Ok(body) = serde_json::from_slice::<Body<'_>>(body) else { return Answer::Broken };
    if let Some(error) = body.error {
        return Answer::Error(error.code);
    }
    let Some(result) = body.result else { return Answer::Broken };
    match result.meta.and_then(|meta| meta.decision) {
        Some(decision) => {
            let text = result.content.first().and_then(|content| content.text.as_deref()).unwrap_or_default();
            Answer::Denied(decision.code.to_owned(), text.to_owned())
        }
        None => Answer::Result,
    }
}
