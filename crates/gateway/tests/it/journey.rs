//! From nothing to the first denied call.

use ostiary_testkit::{TestGateway, TestUpstream, connect_rmcp, wait_until};
use rmcp::model::CallToolRequestParams;
use serde_json::{Value, json};

use crate::documents;

fn meta(result: &rmcp::model::CallToolResult) -> Value {
    let meta = serde_json::to_value(&result.meta).unwrap();
    meta["ostiary/decision"].clone()
}

#[tokio::test]
async fn eleventh_session_in_a_minute_is_refused_with_a_reason_and_a_time() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;

    let tools = tenant.owner.get(&format!("/servers/{server}/tools")).await.expect(200);
    let names: Vec<_> = tools["items"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"create_session") && names.contains(&"delete_user"), "{names:?}");

    let policy = tenant.policy(&server, "sessions", &documents::ten_sessions_a_minute()).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    assert_eq!(grant.url, format!("{}/mcp/{}/shop", gateway.base(), tenant.slug));

    let client = connect_rmcp(&grant.url, &grant.token).await.unwrap();
    let listed: Vec<_> =
        client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name.into_owned()).collect();
    assert_eq!(listed, ["create_session", "get_user"], "what the policy does not list is not shown");

    for call in 1..=10 {
        let result = client.call_tool(CallToolRequestParams::new("create_session")).await.unwrap();
        assert_ne!(result.is_error, Some(true), "call {call}: {result:?}");
    }
    let refused = client.call_tool(CallToolRequestParams::new("create_session")).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    let text = refused.content[0].as_text().unwrap().text.clone();
    assert!(text.starts_with("[POLICY DENIED] "), "{text}");
    let decision = meta(&refused);
    assert_eq!(decision["code"], "limit_exceeded");
    assert_eq!(decision["rule"], "/tools/create_session/limits/0");
    assert_eq!(decision["limit"], json!({"counter": "create_session_rate", "window": "minute", "max": 10, "used": 10}));
    let retry = decision["retry_after_ms"].as_u64().unwrap();
    assert!((1..=60_000).contains(&retry), "{retry}");

    let hidden = client.call_tool(CallToolRequestParams::new("delete_user")).await.unwrap();
    assert_eq!(meta(&hidden)["code"], "unavailable", "the agent does not learn that the tool exists");
    client.cancel().await.unwrap();
    assert_eq!(upstream.calls(), 10, "nothing that was refused reached the server");

    // The log has every call, and the true reasons.
    let decisions = wait_until("every call that was forwarded has its end", async || {
        let all = tenant.decisions().await;
        let calls: Vec<_> = all.into_iter().filter(|decision| decision["method"] == "tools/call").collect();
        let is_open = |decision: &Value| decision["outcome"] == "allowed" && decision["ending"].is_null();
        (calls.len() == 12 && !calls.iter().any(is_open)).then_some(calls)
    })
    .await;
    let code = |decision: &Value| decision["code"].as_str().map(str::to_owned);
    assert_eq!(code(&decisions[0]).as_deref(), Some("default_deny"));
    assert_eq!(code(&decisions[1]).as_deref(), Some("limit_exceeded"));
    assert!(
        decisions[2..].iter().all(|decision| decision["outcome"] == "allowed" && decision["ending"]["result"] == "ok")
    );
    assert_eq!(decisions[0]["grant_label"], "agent");
    let one = tenant.owner.get(&format!("/decisions/{}", decisions[1]["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one["code"], "limit_exceeded");
    let denied = tenant.owner.get("/decisions?outcome=denied&limit=1").await.expect(200);
    assert_eq!(denied["items"].as_array().unwrap().len(), 1);
    assert!(denied["next_cursor"].is_string(), "{denied:#}");
    gateway.stop().await;
}

#[tokio::test]
async fn agents_token_stays_here_and_upstream_headers_go_there() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let body = json!({
        "slug": "shop", "name": "Shop", "url": upstream.url(),
        "auth": {"kind": "headers", "headers": [{"name": "X-Api-Key", "value": "upstream-secret-value"}]},
    });
    let server = tenant.owner.post("/servers", &body).await.expect(201);
    assert!(!server.to_string().contains("upstream-secret-value"));
    assert_eq!(upstream.last_headers()["x-api-key"], "upstream-secret-value");
    let id = server["id"].as_str().unwrap();
    let policy = tenant.policy(id, "all", &documents::allow_all()).await;
    let grant = tenant.grant("agent", id, &policy).await;
    let session = grant.connect().await;
    session.call("echo", &json!({})).await;
    let headers = upstream.last_headers();
    assert_eq!(headers["x-api-key"], "upstream-secret-value");
    assert!(headers.get("authorization").is_none(), "{headers:?}");
    assert_ne!(headers["mcp-session-id"].to_str().ok(), session.id(), "the upstream's own session id goes up");
}

#[tokio::test]
async fn shop_of_the_sample_upstream_is_registered_and_called() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = ostiary_gateway::command::sample_upstream::url(listener.local_addr().unwrap());
    let shutdown = tokio_util::sync::CancellationToken::new();
    tokio::spawn(ostiary_gateway::command::sample_upstream::serve(listener, shutdown.clone()));
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("sample", &url).await;
    let policy = tenant.policy(&server, "sessions", &documents::ten_sessions_a_minute()).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    assert!(session.tools().await.contains(&"create_session".to_owned()));
    let _guard = shutdown.drop_guard();
}
