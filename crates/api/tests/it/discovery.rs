//! Reading inventories of servers that behave, and of servers that do not.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use ostiary_api::discovery::{
    Discovered, DiscoveredEntry, DiscoveryError, DiscoverySettings, ListReading, McpInventory, ReadInventory,
};
use ostiary_egress::{ControlClient, ControlSettings, EgressPolicy, Guard};
use ostiary_model::EntryKind;
use serde_json::{Value, json};

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn inventory(policy: EgressPolicy) -> McpInventory {
    let control = ControlClient::new(Guard::new(policy), &ControlSettings::default()).expect("a client");
    let settings =
        DiscoverySettings { timeout: Duration::from_secs(2), max_bytes: 100_000, ..DiscoverySettings::default() };
    McpInventory::new(control, settings)
}

async fn read(router: Router) -> Result<Discovered, DiscoveryError> {
    let url = format!("http://{}/mcp", serve(router).await).parse().expect("a URL");
    let mut headers = HeaderMap::new();
    headers.insert("x-key", "s3cret".parse().expect("a value"));
    inventory(EgressPolicy::public_only().with_loopback()).read(&url, headers).await
}

#[derive(Clone, Copy)]
enum Form {
    Json,
    Events,
}

/// A server of two pages, with a session.
async fn behave(request: Request, form: Form) -> Response {
    let headers = request.headers().clone();
    if headers.get("x-key").is_none_or(|value| value != "s3cret") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    let is_in_session = headers.get("mcp-session-id").is_some_and(|id| id == "s1")
        && headers.get("mcp-protocol-version").is_some_and(|version| version == "2025-06-18");
    let result = match (message["method"].as_str().expect("a method"), is_in_session) {
        ("initialize", _) => json!({
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "demo", "version": "1"}, "instructions": "Be kind.",
        }),
        ("notifications/initialized", true) => return StatusCode::ACCEPTED.into_response(),
        ("tools/list", true) if message["params"]["cursor"] == "two" => json!({"tools": [{"name": "b"}]}),
        ("tools/list", true) => json!({"tools": [{"name": "a", "vendor": {"x": 1.5}}], "nextCursor": "two"}),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string();
    let (content_type, body) = match form {
        Form::Json => ("application/json; charset=utf-8", answer),
        Form::Events => {
            let other = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;
            ("text/event-stream", format!(": hello\n\ndata: {other}\n\ndata: {answer}\n\n"))
        }
    };
    ([(header::CONTENT_TYPE.as_str(), content_type), ("mcp-session-id", "s1")], body).into_response()
}

#[tokio::test]
async fn inventory_of_several_pages_is_read_as_it_was_sent() {
    for form in [Form::Json, Form::Events] {
        let router = Router::new().route("/mcp", post(move |request| behave(request, form)).delete(StatusCode::OK));
        let found = read(router).await.expect("an inventory");
        assert_eq!(found.identity.name.as_deref(), Some("demo"));
        assert_eq!(found.identity.protocol_version.as_deref(), Some("2025-06-18"));
        assert_eq!(found.identity.instructions.as_deref(), Some("Be kind."));
        let definitions: Vec<_> = found.tools.into_iter().map(|tool| tool.definition).collect();
        assert_eq!(definitions, [json!({"name": "a", "vendor": {"x": 1.5}}), json!({"name": "b"})]);
    }
}

/// A server of the stateless revision, and of no other.
async fn behave_stateless(request: Request) -> Response {
    let headers = request.headers().clone();
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    let is_whole = headers.get("mcp-protocol-version").is_some_and(|version| version == "2026-07-28")
        && headers.get("mcp-method").is_some_and(|method| message["method"] == method.to_str().unwrap_or_default())
        && message["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"].is_object();
    let result = match message["method"].as_str() {
        Some("server/discover") if is_whole => json!({
            "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "ttlMs": 0,
            "cacheScope": "private", "instructions": "Be kind.",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "demo", "version": "2"}},
        }),
        Some("tools/list") if is_whole => json!({"resultType": "complete", "tools": [{"name": "a"}], "ttlMs": 0}),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    axum::Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).into_response()
}

#[tokio::test]
async fn inventory_of_a_stateless_server_is_read() {
    let found = read(Router::new().route("/mcp", post(behave_stateless))).await.expect("an inventory");
    assert_eq!((found.identity.name.as_deref(), found.identity.version.as_deref()), (Some("demo"), Some("2")));
    assert_eq!(found.identity.protocol_version.as_deref(), Some("2026-07-28"));
    assert_eq!(found.tools.len(), 1);
}

fn answering(status: u16, content_type: &'static str, body: &'static str) -> Router {
    let status = StatusCode::from_u16(status).expect("a status");
    Router::new().route("/mcp", post(move || async move { (status, [(header::CONTENT_TYPE, content_type)], body) }))
}

#[tokio::test]
async fn inventory_that_cannot_be_read_has_its_own_error() {
    let json = "application/json";
    for (router, code) in [
        (Router::new(), "upstream_not_mcp"),
        (answering(200, "text/html", "<html>"), "upstream_not_mcp"),
        (answering(200, json, "{}"), "upstream_not_mcp"),
        (answering(200, json, "garbage"), "upstream_not_mcp"),
        (answering(202, json, ""), "upstream_not_mcp"),
        (answering(401, json, "{}"), "upstream_unauthorized"),
        (answering(403, "text/plain", "no"), "upstream_unauthorized"),
        (answering(500, "text/plain", "oops"), "upstream_http_error"),
        (answering(429, json, "{}"), "upstream_http_error"),
        (
            answering(400, json, r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":"x"}}"#),
            "upstream_garbage",
        ),
        (
            answering(200, json, r#"{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"1999-01-01"}}"#),
            "upstream_garbage",
        ),
        (Router::new().route("/mcp", post(async || Redirect::temporary("http://127.0.0.1:1/"))), "upstream_redirects"),
        (Router::new().route("/mcp", post(async || std::future::pending::<()>().await)), "upstream_timeout"),
        (answering(200, "text/event-stream", "data: {}\n\n"), "upstream_garbage"),
    ] {
        let error = read(router).await.expect_err(code);
        assert_eq!(error.code(), code, "{error}");
    }
    let huge =
        Router::new().route("/mcp", post(async || ([(header::CONTENT_TYPE, "application/json")], "x".repeat(200_000))));
    assert_eq!(read(huge).await.expect_err("too large").code(), "upstream_garbage");
}

#[tokio::test]
async fn inventory_of_an_address_that_is_not_there_or_not_allowed_is_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address")).parse().expect("a URL");
    drop(listener);
    let unreachable = inventory(EgressPolicy::public_only().with_loopback()).read(&url, HeaderMap::new()).await;
    assert_eq!(unreachable, Err(DiscoveryError::Unreachable));
    let blocked = inventory(EgressPolicy::public_only()).read(&url, HeaderMap::new()).await;
    assert_eq!(blocked.expect_err("loopback").code(), "upstream_address_blocked");
}

/// A server of the stateless revision with two pages of resources, no templates, and prompts that it refuses to list.
async fn offer_more(request: Request) -> Response {
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    let refused = |code: i64| json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": "no"}});
    let result = match message["method"].as_str().expect("a method") {
        "server/discover" => json!({
            "supportedVersions": ["2026-07-28"], "capabilities": {"resources": {}, "prompts": {"listChanged": true}},
        }),
        "resources/list" if message["params"]["cursor"] == "" => json!({"resources": [{"uri": "b"}]}),
        "resources/list" => json!({"resources": [{"uri": "a", "vendor": 1}], "nextCursor": ""}),
        "resources/templates/list" => return axum::Json(refused(-32601)).into_response(),
        _ => return axum::Json(refused(-32603)).into_response(),
    };
    axum::Json(json!({"jsonrpc": "2.0", "id": message["id"], "result": result})).into_response()
}

#[tokio::test]
async fn other_lists_are_read_to_the_end_and_none_hinders_another() {
    let found = read(Router::new().route("/mcp", post(offer_more))).await.expect("an inventory");
    let capabilities = json!({"resources": {}, "prompts": {"listChanged": true}});
    assert_eq!(found.identity.capabilities, Some(capabilities));
    assert!(found.tools.is_empty());
    let entry = |key: &str, definition| DiscoveredEntry { key: key.to_owned(), definition };
    let resources = vec![entry("a", json!({"uri": "a", "vendor": 1})), entry("b", json!({"uri": "b"}))];
    assert_eq!(found.lists[&EntryKind::Resource], ListReading::Read(resources));
    assert_eq!(found.lists[&EntryKind::ResourceTemplate], ListReading::NotOffered);
    assert!(matches!(found.lists[&EntryKind::Prompt], ListReading::Failed(DiscoveryError::Garbage { .. })));
}
