//! MCP clients: a bare one that shows everything that was answered, and the official one.

use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Client, Response, StatusCode};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::{Value, json};

/// The revision that the bare client speaks.
const REVISION: &str = "2025-11-25";

/// The stateless revision.
const MODERN: &str = "2026-07-28";

/// A session of a bare client. Every request is one HTTP request, and its answer can be looked at.
#[derive(Clone, Debug)]
pub struct McpSession {
    http: Client,
    url: String,
    token: String,
    session: Option<String>,
}

impl McpSession {
    /// A client that has not opened a session.
    #[must_use]
    pub fn without_session(url: &str, token: &str) -> Self {
        Self { http: Client::new(), url: url.to_owned(), token: token.to_owned(), session: None }
    }

    /// Opens a session.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn open(url: &str, token: &str) -> Self {
        Self::open_as(url, token, &json!({})).await
    }

    /// Opens a session as a client with these capabilities.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn open_as(url: &str, token: &str, capabilities: &Value) -> Self {
        let mut client = Self::without_session(url, token);
        let params = json!({
            "protocolVersion": REVISION, "capabilities": capabilities,
            "clientInfo": {"name": "testkit", "version": "1.0.0"},
        });
        let response = client.post(&request("initialize", &params)).await.expect("the gateway answers");
        assert_eq!(response.status(), StatusCode::OK);
        client.session = header(response.headers(), "mcp-session-id");
        let answer = message(response).await.expect("an answer to initialize");
        assert_eq!(answer["result"]["protocolVersion"], REVISION, "{answer:#}");
        let notified = client.post(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string()).await;
        assert_eq!(notified.expect("the gateway answers").status(), StatusCode::ACCEPTED);
        client
    }

    /// The session's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The same session, with another URL: after a restart, or where it does not belong.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The same session, with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Sends a body as it is.
    ///
    /// # Errors
    ///
    /// When the connection breaks, as it does when the process is killed.
    pub async fn post(&self, body: &str) -> reqwest::Result<Response> {
        let mut request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header(ACCEPT, "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(body.to_owned());
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session).header("mcp-protocol-version", REVISION);
        }
        request.send().await
    }

    /// Sends a request of the stateless revision, with everything that it must carry; of the params only `name` and `uri`
    /// are repeated in headers.
    ///
    /// # Errors
    ///
    /// When the connection breaks.
    pub async fn post_modern(&self, method: &str, params: &Value) -> reqwest::Result<Response> {
        let mut params = params.clone();
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let mut sent = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header(ACCEPT, "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("mcp-protocol-version", MODERN)
            .header("mcp-method", method)
            .body(request(method, &params));
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            sent = sent.header("mcp-name", name);
        }
        sent.send().await
    }

    /// Sends a request and answers the message it is answered with.
    ///
    /// # Errors
    ///
    /// When the connection breaks before an answer is there.
    pub async fn try_request(&self, method: &str, params: &Value) -> Option<Value> {
        message(self.post(&request(method, params)).await.ok()?).await
    }

    /// As [`Self::try_request`], of a gateway that stays up.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    pub async fn request(&self, method: &str, params: &Value) -> Value {
        self.try_request(method, params).await.expect("an answer")
    }

    /// Calls a tool; answers its result.
    ///
    /// # Panics
    ///
    /// When the answer is no result.
    pub async fn call(&self, tool: &str, arguments: &Value) -> Value {
        let answer = self.request("tools/call", &json!({"name": tool, "arguments": arguments})).await;
        assert!(answer["result"].is_object(), "{answer:#}");
        answer["result"].clone()
    }

    /// Calls a tool; answers the code of the decision when it was refused.
    pub async fn refusal(&self, tool: &str, arguments: &Value) -> Option<String> {
        let result = self.call(tool, arguments).await;
        result["_meta"]["ostiary/decision"]["code"].as_str().map(str::to_owned)
    }

    /// Names of the tools that are listed.
    ///
    /// # Panics
    ///
    /// When the list is refused.
    pub async fn tools(&self) -> Vec<String> {
        let answer = self.request("tools/list", &json!({})).await;
        let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
    }
}

fn request(method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The answer in a body: JSON, or the event of a stream that carries it.
async fn message(response: Response) -> Option<Value> {
    let is_stream =
        header(response.headers(), "content-type").is_some_and(|media| media.starts_with("text/event-stream"));
    let body = response.text().await.ok()?;
    if !is_stream {
        return serde_json::from_str(&body).ok();
    }
    let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str::<Value>(data.trim()).ok()).find(|message| message.get("id").is_some())
}

/// Connects the official client.
///
/// # Errors
///
/// When it cannot connect.
pub async fn connect_rmcp(url: &str, token: &str) -> anyhow::Result<RunningService<RoleClient, ()>> {
    let config = StreamableHttpClientTransportConfig::with_uri(url.to_owned()).auth_header(token.to_owned());
    Ok(().serve(StreamableHttpClientTransport::from_config(config)).await?)
}
