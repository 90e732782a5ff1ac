//! What is served beside API and gateway.

use ostiary_testkit::TestGateway;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

#[tokio::test]
async fn health_metrics_and_documents_are_served() {
    let gateway = TestGateway::start().await;
    let http = Client::new();
    let get = async |path: &str| http.get(format!("{}{path}", gateway.base())).send().await.unwrap();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(path).await.status(), 200, "{path}");
    }
    let metrics = get("/metrics").await;
    assert!(metrics.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    assert!(metrics.text().await.unwrap().contains("ostiary_requests_total"));
    let openapi: Value = get("/api/v1/openapi.json").await.json().await.unwrap();
    assert!(openapi["paths"].as_object().is_some_and(|paths| paths.len() > 20));
    let schema: Value = get("/schemas/policy-v1.json").await.json().await.unwrap();
    assert!(schema["properties"]["tools"].is_object());
}

#[tokio::test]
async fn page_is_served_at_every_path_that_is_none_of_the_others() {
    let gateway = TestGateway::start().await;
    let http = Client::new();
    let get = async |path: &str| http.get(format!("{}{path}", gateway.base())).send().await.unwrap();
    for path in ["/", "/servers", "/grants/grt_x"] {
        let response = get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        assert!(headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
        assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    let missing = get("/api/v1/nothing").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(get("/mcp/nobody/nothing").await.status(), 401);
    assert_eq!(get("/assets/none.js").await.status(), 404);
}

#[tokio::test]
async fn stop_in_order_ends_while_a_stream_is_open() {
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let minted =
        tenant.owner.post("/api-keys", &serde_json::json!({"label": "watcher", "role": "viewer"})).await.expect(201);
    let url = format!("{}/api/v1/decisions/stream", gateway.base());
    let stream = Client::new().get(url).bearer_auth(minted["key"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let began = std::time::Instant::now();
    gateway.stop().await;
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    drop(stream);
}
