//! Calls: decided, counted, recorded, forwarded.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;
use ostiary_model::Mode;
use ostiary_model::decision::Outcome;
use serde_json::json;

use super::upstream::{Reply, Upstream};
use super::world::{Plan, World};

const TEN_A_MINUTE: &str = r#"{"version":"1","default":"deny","tools":{
    "echo":{"limits":[{"counter":"calls","window":"minute","max":10}]},
    "refund":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":100}],"on_deny":"Too much."}]}}}"#;

#[tokio::test]
async fn call_that_is_allowed_goes_up_byte_for_byte_and_comes_back() {
    let upstream = Upstream::ordinary().await;
    let plan = Plan { headers: &[("x-api-key", "s3cret")], ..Plan::default() };
    let world = World::start(&upstream.url(), plan).await;
    let session = world.session().await;
    let body = r#" {"jsonrpc":"2.0", "id":"7\u0061" ,"method":"tools/call","params":{"name":"echo","arguments":{"n":1.50,"who":"x"},"_meta":{"own":1,"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}} "#;
    let mut request = world.request("POST", body);
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    request.headers_mut().insert("x-api-key", "the agent's".parse().expect("header"));
    request.headers_mut().insert("cookie", "a=b".parse().expect("header"));
    let answer = world.send(request).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["result"]["content"][0]["text"], "done");
    let sent = &upstream.seen_of("tools/call")[0];
    assert_eq!(sent.raw, body);
    assert_eq!(sent.headers["x-api-key"], "s3cret");
    assert!(!sent.headers.contains_key("authorization") && !sent.headers.contains_key("cookie"));
    assert_eq!(sent.headers["host"], upstream.address.to_string());

    let decision = world.ended().await;
    assert_eq!(decision.outcome, Outcome::Allowed);
    assert_eq!((decision.method.as_str(), decision.target.as_deref()), ("tools/call", Some("echo")));
    assert_eq!(decision.argument_names, ["n", "who"]);
    assert_eq!(decision.client_name.as_deref(), Some("test-client"));
    assert_eq!(decision.protocol_version.as_deref(), Some("2025-11-25"));
    assert_eq!(decision.trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(decision.bytes_in, i64::try_from(body.len()).expect("small"));
    let ending = decision.ending.expect("ending");
    assert_eq!((ending.result.as_str(), ending.upstream_status), ("ok", Some(200)));
    assert_eq!(ending.bytes_out, i64::try_from(answer.text.len()).expect("small"));
}

#[tokio::test]
async fn call_is_recorded_before_it_is_sent() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let upstream = Upstream::start(move |seen| {
        (seen.rpc() == "tools/call").then(|| {
            arrived.send(()).expect("a test that waits");
            Reply::Hang
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let arguments = json!({});
    let call = world.call_tool(&session, "echo", &arguments);
    tokio::select! {
        _ = call => panic!("the upstream hangs"),
        _ = arrivals.recv() => {
            let decisions = world.decisions().await;
            assert_eq!(decisions.len(), 1, "the record is there when the upstream sees the call");
            assert!(decisions[0].ending.is_none());
        }
    }
    // The client has left.
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "client_gone");
}

#[tokio::test]
async fn call_beyond_the_limit_is_a_tool_result_with_reason_and_time() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(TEN_A_MINUTE)).await;
    let session = world.session().await;
    for _ in 0..10 {
        let answer = world.call_tool(&session, "echo", &json!({})).await;
        assert!(answer.json()["result"]["isError"].is_null(), "{}", answer.text);
    }
    let refused = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!(refused.status, StatusCode::OK);
    let result = &refused.json()["result"];
    assert_eq!(result["isError"], true);
    assert!(result["content"][0]["text"].as_str().expect("text").starts_with("[POLICY DENIED] "));
    let decision = refused.decision();
    assert_eq!(decision["code"], "limit_exceeded");
    assert_eq!(decision["rule"], "/tools/echo/limits/0");
    assert_eq!(decision["limit"], json!({ "counter": "calls", "window": "minute", "max": 10, "used": 10 }));
    assert!(decision["retry_after_ms"].as_u64().expect("time") > 0);
    assert_eq!(upstream.seen_of("tools/call").len(), 10);
    let newest = &world.decisions().await[0];
    assert_eq!((newest.outcome, newest.code.as_deref()), (Outcome::Denied, Some("limit_exceeded")));
    assert_eq!(decision["id"], newest.id.to_string());
}

#[tokio::test]
async fn call_refused_by_a_rule_says_so_and_never_tells_values() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(TEN_A_MINUTE)).await;
    let session = world.session().await;
    let refused = world.call_tool(&session, "refund", &json!({ "amount": 31337 })).await;
    assert_eq!(refused.json()["result"]["content"][0]["text"], "[POLICY DENIED] Too much.");
    assert_eq!(refused.decision()["rule"], "/tools/refund/deny_if/0");
    assert!(!refused.text.contains("31337"));
    let record = serde_json::to_string(&world.decisions().await).expect("json");
    assert!(!record.contains("31337") && record.contains("amount"));
}

#[tokio::test]
async fn hidden_unlisted_and_unknown_tools_look_the_same() {
    let policy = r#"{"version":"1","default":"deny","hide":["delete_*"],"tools":{"delete_all":{},"missing":{}}}"#;
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(policy)).await;
    let session = world.session().await;
    let mut seen = Vec::new();
    for name in ["delete_all", "echo", "missing"] {
        let answer = world.call_tool(&session, name, &json!({})).await;
        let mut result = answer.json()["result"].clone();
        result["_meta"]["ostiary/decision"]["id"].take();
        seen.push(result);
    }
    assert_eq!(seen[0]["_meta"]["ostiary/decision"]["code"], "unavailable");
    assert!(seen.iter().all(|result| *result == seen[0]), "{seen:?}");
    let codes: Vec<_> = world.decisions().await.into_iter().rev().filter_map(|decision| decision.code).collect();
    assert_eq!(codes, ["hidden", "default_deny", "unknown_tool"]);
}

#[tokio::test]
async fn resources_and_prompts_are_refused_with_a_json_rpc_error() {
    let policy = r#"{"version":"1","default":"deny","resources":{"default":"allow","deny":["secret:*"]}}"#;
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(policy)).await;
    let session = world.session().await;
    for (method, params) in [
        ("resources/read", json!({ "uri": "secret:///b" })),
        ("resources/subscribe", json!({ "uri": "secret:///b" })),
        ("prompts/get", json!({ "name": "p" })),
        ("completion/complete", json!({ "ref": { "type": "ref/prompt", "name": "p" }, "argument": {} })),
        ("completion/complete", json!({ "ref": { "type": "ref/resource", "uri": "secret:///b" }, "argument": {} })),
    ] {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = world.post(&session, &body).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::OK, -31001), "{method}");
        assert!(answer.json()["error"]["data"]["id"].as_str().expect("id").starts_with("dec_"));
    }
    let read = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": { "uri": "file:///a" } });
    assert!(world.post(&session, &read).await.json()["result"].is_object());
    assert_eq!(world.decisions().await.len(), 6);
}

#[tokio::test]
async fn policy_edit_is_in_force_for_the_next_call() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    assert!(world.call_tool(&session, "echo", &json!({})).await.json()["result"]["isError"].is_null());
    world.edit_policy(2, r#"{"version":"1","default":"deny"}"#).await;
    let refused = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!(refused.decision()["policy_version"], 2);
}

#[tokio::test]
async fn policy_that_cannot_be_read_or_is_not_there_denies() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy("{nonsense")).await;
    let session = world.session().await;
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.decision()["code"], "policy_unreadable");
    let world = World::start(&upstream.url(), Plan { policy: None, ..Plan::default() }).await;
    let session = world.session().await;
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.decision()["code"], "no_policy");
    assert!(upstream.seen_of("tools/call").is_empty());
}

#[tokio::test]
async fn shadow_forwards_and_notes_what_it_would_have_done() {
    let upstream = Upstream::ordinary().await;
    let plan = Plan { mode: Mode::Shadow, ..Plan::policy(TEN_A_MINUTE) };
    let world = World::start(&upstream.url(), plan).await;
    let session = world.session().await;
    for _ in 0..11 {
        assert!(world.call_tool(&session, "echo", &json!({})).await.json()["result"]["isError"].is_null());
    }
    world.call_tool(&session, "delete_all", &json!({})).await;
    assert_eq!(upstream.seen_of("tools/call").len(), 12);
    let decisions = world.decisions().await;
    let noted = |index: usize| (decisions[index].outcome, decisions[index].code.as_deref());
    assert_eq!(noted(0), (Outcome::ShadowDenied, Some("default_deny")));
    assert_eq!(noted(1), (Outcome::ShadowDenied, Some("limit_exceeded")));
    assert_eq!(noted(2), (Outcome::Allowed, None));
}

#[tokio::test]
async fn approval_that_nobody_can_give_holds_the_call() {
    let policy = r#"{"version":"1","default":"deny","tools":{"refund":{"action":"require_approval"}}}"#;
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(policy)).await;
    let session = world.session().await;
    let held = world.call_tool(&session, "refund", &json!({ "amount": 1 })).await;
    let text = held.json()["result"]["content"][0]["text"].as_str().expect("text").to_owned();
    assert!(text.starts_with("[APPROVAL REQUIRED] "), "{text}");
    assert_eq!(world.decisions().await[0].outcome, Outcome::Held);
    assert!(upstream.seen_of("tools/call").is_empty());
}

#[tokio::test]
async fn tool_that_is_new_is_found_by_one_refresh_and_one_that_is_not_costs_one_a_minute() {
    let upstream = Upstream::ordinary().await;
    let plan = Plan { found: &["echo", "brand_new"], ..Plan::default() };
    let world = World::start(&upstream.url(), plan).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "brand_new", &json!({})).await;
    assert!(answer.json()["result"]["isError"].is_null(), "{}", answer.text);
    for _ in 0..3 {
        assert_eq!(world.call_tool(&session, "ghost", &json!({})).await.decision()["code"], "unavailable");
    }
    assert_eq!(world.refreshes.count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refresh_goes_on_when_the_client_that_caused_it_leaves() {
    let upstream = Upstream::ordinary().await;
    let plan = Plan { found: &["echo", "brand_new"], reading: Duration::from_millis(300), ..Plan::default() };
    let world = World::start(&upstream.url(), plan).await;
    let session = world.session().await;
    let arguments = json!({});
    let call = || world.call_tool(&session, "brand_new", &arguments);
    let left = tokio::time::timeout(Duration::from_millis(100), call()).await;
    assert!(left.is_err(), "the inventory is still being read");
    let answer = call().await;
    assert!(answer.json()["result"]["isError"].is_null(), "{}", answer.text);
    assert_eq!(world.refreshes.count.load(Ordering::SeqCst), 1);
}
