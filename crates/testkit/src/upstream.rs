//! An MCP server that counts what it is asked, and misbehaves when it is told to.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What is wrong with the answers to tool calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// Nothing.
    None,
    /// There is none, ever.
    Hang,
    /// HTTP status 500.
    Status500,
    /// HTTP status 401.
    Status401,
    /// A redirect to itself.
    Redirect,
    /// A body that is no JSON.
    Garbage,
    /// An event stream that breaks off before the answer.
    DiesMidStream,
}

const FAULTS: [Fault; 7] = [
    Fault::None,
    Fault::Hang,
    Fault::Status500,
    Fault::Status401,
    Fault::Redirect,
    Fault::Garbage,
    Fault::DiesMidStream,
];

/// A counting MCP server in this process; it ends when it is dropped.
#[derive(Debug)]
pub struct TestUpstream {
    url: String,
    state: Arc<UpstreamState>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct UpstreamState {
    fault: AtomicU8,
    calls: AtomicU64,
    marks: Mutex<Vec<String>>,
    headers: Mutex<HeaderMap>,
    with_sessions: AtomicBool,
    extra_tools: Mutex<Vec<String>>,
    /// What tools say of themselves instead, by name.
    descriptions: Mutex<Vec<(String, String)>>,
}

impl Drop for TestUpstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestUpstream {
    /// Starts it. Its tools are `create_session`, `get_user`, `delete_user` and `echo`; each answers at once.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("its address"));
        let state = Arc::new(UpstreamState {
            fault: AtomicU8::new(Fault::None as u8),
            calls: AtomicU64::new(0),
            marks: Mutex::default(),
            headers: Mutex::default(),
            with_sessions: AtomicBool::new(true),
            extra_tools: Mutex::default(),
            descriptions: Mutex::default(),
        });
        let router = Router::new().route("/mcp", any(answer)).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Self { url, state, task }
    }

    /// Its MCP endpoint.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers tool calls like this from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.state.fault.store(fault as u8, Ordering::SeqCst);
    }

    /// Opens sessions, or does without them.
    pub fn set_sessions(&self, with_sessions: bool) {
        self.state.with_sessions.store(with_sessions, Ordering::SeqCst);
    }

    /// Offers another tool from now on.
    pub fn add_tool(&self, name: &str) {
        lock(&self.state.extra_tools).push(name.to_owned());
    }

    /// Has a tool say something else of itself from now on.
    pub fn describe(&self, name: &str, description: &str) {
        lock(&self.state.descriptions).push((name.to_owned(), description.to_owned()));
    }

    /// Tool calls that arrived.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state.calls.load(Ordering::SeqCst)
    }

    /// The `mark` argument of each tool call that arrived, in order.
    #[must_use]
    pub fn marks(&self) -> Vec<String> {
        lock(&self.state.marks).clone()
    }

    /// The headers of the last request.
    #[must_use]
    pub fn last_headers(&self) -> HeaderMap {
        lock(&self.state.headers).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(state): State<Arc<UpstreamState>>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    *lock(&state.headers) = head.headers.clone();
    match head.method.as_str() {
        "POST" => {}
        "DELETE" => return StatusCode::NO_CONTENT.into_response(),
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
    let body = axum::body::to_bytes(body, 16 * 1024 * 1024).await.unwrap_or_default();
    let Ok(message) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let Some(id) = message.get("id") else { return StatusCode::ACCEPTED.into_response() };
    match message["method"].as_str().unwrap_or_default() {
        "initialize" => {
            let asked = message["params"]["protocolVersion"].as_str().unwrap_or_default();
            let revision = if asked == "2025-06-18" { asked } else { "2025-11-25" };
            let result = json!({
                "protocolVersion": revision, "capabilities": {"tools": {}},
                "serverInfo": {"name": "test upstream", "version": "1.0.0"},
            });
            let mut response = json_response(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
            if state.with_sessions.load(Ordering::SeqCst)
                && let Ok(session) = "upstream-session".parse()
            {
                response.headers_mut().insert("mcp-session-id", session);
            }
            response
        }
        "ping" => json_response(&json!({"jsonrpc": "2.0", "id": id, "result": {}})),
        "tools/list" => {
            let mut tools = tools();
            tools.extend(lock(&state.extra_tools).iter().map(|name| tool(name)));
            for (name, description) in lock(&state.descriptions).iter() {
                for tool in tools.iter_mut().filter(|tool| tool["name"] == name.as_str()) {
                    tool["description"] = json!(description);
                }
            }
            json_response(&json!({"jsonrpc": "2.0", "id": id, "result": {"tools": tools}}))
        }
        "tools/call" => call(&state, id, &message["params"]).await,
        _ => {
            json_response(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no such method"}}))
        }
    }
}

async fn call(state: &UpstreamState, id: &Value, params: &Value) -> Response {
    state.calls.fetch_add(1, Ordering::SeqCst);
    if let Some(mark) = params["arguments"]["mark"].as_str() {
        lock(&state.marks).push(mark.to_owned());
    }
    let fault = FAULTS.get(usize::from(state.fault.load(Ordering::SeqCst))).copied().unwrap_or(Fault::None);
    match fault {
        Fault::None => {
            let text = format!("{} was called", params["name"].as_str().unwrap_or_default());
            let result = json!({"content": [{"type": "text", "text": text}], "arguments": params["arguments"]});
            json_response(&json!({"jsonrpc": "2.0", "id": id, "result": result}))
        }
        Fault::Hang => std::future::pending().await,
        Fault::Status500 => (StatusCode::INTERNAL_SERVER_ERROR, "secret-upstream-detail").into_response(),
        Fault::Status401 => {
            (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer realm=\"upstream\"")]).into_response()
        }
        Fault::Redirect => (StatusCode::TEMPORARY_REDIRECT, [("location", "/mcp")]).into_response(),
        Fault::Garbage => ([("content-type", "application/json")], "{\"jsonrpc\": \"2.0\", ").into_response(),
        Fault::DiesMidStream => {
            let start = Ok(Bytes::from_static(b"event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"x\"}}\n\n"));
            let end = Err(std::io::Error::other("the stream breaks off"));
            let body = Body::from_stream(futures_util::stream::iter([start, end]));
            ([("content-type", "text/event-stream")], body).into_response()
        }
    }
}

fn json_response(message: &Value) -> Response {
    ([("content-type", "application/json")], message.to_string()).into_response()
}

fn tools() -> Vec<Value> {
    ["create_session", "get_user", "delete_user", "echo"].into_iter().map(tool).collect()
}

fn tool(name: &str) -> Value {
    json!({
        "name": name, "description": format!("The tool {name}."),
        "inputSchema": {"type": "object", "properties": {"mark": {"type": "string"}, "amount": {"type": "number"}}},
    })
}
