//! Clients and upstreams of both eras, in all four pairings.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use ostiary_storage::Store;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::upstream::{Reply, Upstream, modern, ordinary};
use super::world::{Plan, World, whole};

const SOME: &str =
    r#"{"version":"1","default":"allow","tools":{"delete_all":{"action":"deny"}},"hide":["delete_all"]}"#;

fn names(list: &Value) -> Vec<&str> {
    list["result"]["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect()
}

#[tokio::test]
async fn modern_pair_passes_the_bytes_that_were_judged_with_headers_of_ours() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let request = world.modern_request("tools/call", &json!({ "name": "echo", "arguments": { "b": 1.0, "a": 2 } }));
    let sent = request.body().clone().collect().await.expect("body").to_bytes();
    let answer = world.send(request).await;
    assert_eq!(
        answer.json()["result"],
        json!({ "resultType": "complete", "content": [{ "type": "text", "text": "done" }], "own": 1 })
    );
    let arrived = upstream.seen_of("tools/call").pop().expect("the call");
    assert_eq!(arrived.raw, sent);
    assert_eq!(arrived.headers["mcp-protocol-version"], "2026-07-28");
    assert_eq!(
        (&arrived.headers["mcp-method"], &arrived.headers["mcp-name"]),
        (&"tools/call".parse().unwrap(), &"echo".parse().unwrap())
    );
    assert!(!arrived.headers.contains_key("mcp-session-id"));
    let decision = &world.decisions().await[0];
    assert_eq!(decision.protocol_version.as_deref(), Some("2026-07-28"));
    assert_eq!(decision.client_name.as_deref(), Some("modern-client"));
}

#[tokio::test]
async fn modern_client_is_refused_in_the_words_of_its_era() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let denied = world.modern("tools/call", json!({ "name": "delete_all" })).await;
    assert_eq!((denied.status, &denied.json()["result"]["resultType"]), (StatusCode::OK, &json!("complete")));
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "tasks/get", "no/such"] {
        let params = json!({ "protocolVersion": "2026-07-28", "uri": "file:///a", "level": "info" });
        let answer = world.modern(method, params).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, -32601), "{method}");
    }
    let mut mismatched = world.modern_request("tools/call", &json!({ "name": "echo" }));
    mismatched.headers_mut().insert("mcp-name", "refund".parse().expect("header"));
    let answer = world.send(mismatched).await;
    assert_eq!((answer.status, answer.code(), &answer.json()["id"]), (StatusCode::BAD_REQUEST, -32020, &json!("m-1")));
    let version = json!({ "_meta": { "io.modelcontextprotocol/protocolVersion": "2030-01-01" } });
    let mut later = world.modern_request("tools/list", &version);
    later.headers_mut().insert("mcp-protocol-version", "2030-01-01".parse().expect("header"));
    let answer = world.send(later).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, -32022));
    assert_eq!(answer.json()["error"]["data"]["supported"], json!(["2026-07-28", "2025-11-25", "2025-06-18"]));
    assert!(upstream.seen_of("tools/call").is_empty());
}

#[tokio::test]
async fn lists_of_a_modern_pair_are_filtered_private_and_short_lived() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let answer = world.modern("tools/list", json!({})).await.json();
    assert_eq!(names(&answer), ["echo", "refund"]);
    assert_eq!((&answer["result"]["cacheScope"], &answer["result"]["ttlMs"]), (&json!("private"), &json!(5000)));
    let read = world.modern("resources/read", json!({ "uri": "file:///a" })).await.json();
    assert_eq!(read["result"]["cacheScope"], "private");
}

#[tokio::test]
async fn discovery_is_answered_when_the_upstream_is_down() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let answer = world.modern("server/discover", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK);
    let result = answer.json()["result"].clone();
    assert_eq!(result["supportedVersions"], json!(["2026-07-28", "2025-11-25", "2025-06-18"]));
    assert_eq!(result["capabilities"], json!({ "tools": { "listChanged": true }, "resources": { "subscribe": true } }));
    assert_eq!((&result["instructions"], &result["cacheScope"]), (&json!("be kind"), &json!("private")));
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "modern");
    upstream.stop().await;
    assert_eq!(world.modern("server/discover", json!({})).await.json()["result"], result);

    let never = World::start("http://127.0.0.1:9/mcp", Plan::default()).await;
    let answer = never.modern("server/discover", json!({})).await;
    assert_eq!((answer.status, &answer.json()["result"]["resultType"]), (StatusCode::OK, &json!("complete")));
}

#[tokio::test]
async fn state_between_rounds_is_sealed_and_comes_back_as_it_was() {
    let upstream = Upstream::start(|seen| {
        let body = seen.body();
        let is_first = seen.rpc() == "tools/call" && body["params"]["requestState"].is_null();
        is_first
            .then(|| {
                let asks = json!({ "q": { "method": "elicitation/create", "params": {} } });
                let result =
                    json!({ "resultType": "input_required", "inputRequests": asks, "requestState": "their secret" });
                Reply::json(&json!({ "jsonrpc": "2.0", "id": body["id"], "result": result }))
            })
            .or_else(|| Some(modern(seen)))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let first = world.modern("tools/call", json!({ "name": "echo" })).await.json();
    assert_eq!(first["result"]["inputRequests"]["q"]["method"], "elicitation/create");
    let state = first["result"]["requestState"].as_str().expect("a state").to_owned();
    assert!(!state.contains("secret"));
    let again = |name: &str, state: &str| {
        let responses = json!({ "q": { "action": "accept" } });
        world.modern("tools/call", json!({ "name": name, "requestState": state, "inputResponses": responses }))
    };
    assert_eq!(again("echo", &state).await.json()["result"]["resultType"], "complete");
    let arrived = upstream.seen_of("tools/call").pop().expect("the call").body();
    assert_eq!(arrived["params"]["requestState"], "their secret");
    assert_eq!(arrived["params"]["inputResponses"]["q"]["action"], "accept");
    for (name, state) in [("refund", state.as_str()), ("echo", "their secret"), ("echo", "")] {
        assert_eq!(again(name, state).await.code(), -32602, "{name} {state}");
    }
    assert_eq!(world.decisions().await.len(), 5, "every round is a call");
}

#[tokio::test]
async fn modern_client_reaches_a_legacy_upstream_in_one_session() {
    let upstream = Upstream::start(|seen| {
        if seen.headers.contains_key("mcp-method") {
            return Some(Reply::status(StatusCode::BAD_REQUEST));
        }
        (seen.rpc() == "tools/call").then(|| {
            let body = seen.body();
            let token = &body["params"]["_meta"]["progressToken"];
            let progress = json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": { "progressToken": token, "progress": 1 } });
            let log = json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": 1 } });
            let answer = json!({ "result": { "content": [] }, "jsonrpc": "2.0", "id": body["id"] });
            Reply::events(vec![format!("id: 1\ndata:\n\nid: 2\ndata: {progress}\n\ndata: {log}\n\nid: 3\ndata: {answer}\n\n")])
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let (list, calls) = tokio::join!(
        world.modern("tools/list", json!({})),
        futures(&world, 4, json!({ "name": "echo", "arguments": {}, "_meta": { "progressToken": 5 } }))
    );
    assert_eq!(names(&list.json()), ["echo", "refund"]);
    let result = &list.json()["result"];
    assert_eq!(
        (&result["resultType"], &result["ttlMs"], &result["cacheScope"]),
        (&json!("complete"), &json!(0), &json!("private"))
    );
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "test");
    for call in calls {
        let messages: Vec<Value> =
            call.text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
        assert_eq!(messages.len(), 2, "{}", call.text);
        assert_eq!(messages[0]["params"]["progressToken"], 5);
        assert_eq!(messages[1]["id"], "m-1");
        assert_eq!(messages[1]["result"]["resultType"], "complete");
        assert!(!call.text.contains("id: 1"), "there is nothing to resume");
    }
    assert_eq!(upstream.seen_of("initialize").len(), 1, "one session for all");
    let sent = upstream.seen_of("tools/call");
    let ids: std::collections::HashSet<String> = sent.iter().map(|seen| seen.body()["id"].to_string()).collect();
    assert_eq!(ids.len(), 4);
    for seen in &sent {
        assert_eq!(seen.headers["mcp-session-id"], "up-1");
        assert!(!seen.headers.contains_key("mcp-method") && !seen.headers.contains_key("mcp-name"));
        let meta = seen.body()["params"]["_meta"].as_object().expect("meta").keys().cloned().collect::<Vec<_>>();
        assert_eq!(meta, ["progressToken"]);
    }
}

async fn futures(world: &World, count: usize, params: Value) -> Vec<super::world::Answer> {
    let calls = (0..count).map(|_| world.modern_request("tools/call", &params)).map(|request| {
        let gateway = world.gateway.clone();
        tokio::spawn(async move { whole(gateway.call(request).await).await })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.expect("an answer"));
    }
    answers
}

#[tokio::test]
async fn session_that_died_is_reopened_alone() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let upstream = Upstream::start(move |seen| {
        if seen.headers.contains_key("mcp-method") {
            return Some(Reply::status(StatusCode::NOT_FOUND));
        }
        if seen.rpc() == "initialize" {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            let Reply::Whole(status, mut headers, body) = ordinary(seen) else { panic!("whole") };
            headers[1].1 = format!("up-{number}");
            return Some(Reply::Whole(status, headers, body));
        }
        let is_dead = seen.rpc() == "tools/call" && seen.headers["mcp-session-id"] == "up-1";
        is_dead.then(|| Reply::status(StatusCode::NOT_FOUND))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    for answer in futures(&world, 3, json!({ "name": "echo" })).await {
        assert_eq!(answer.json()["result"]["resultType"], "complete", "{}", answer.text);
    }
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    assert_eq!(world.decisions().await.len(), 3);
}

#[tokio::test]
async fn sessions_of_clients_without_any_end_with_the_process() {
    for hangs in [false, true] {
        let upstream = Upstream::start(move |seen| {
            if seen.headers.contains_key("mcp-method") {
                return Some(Reply::status(StatusCode::BAD_REQUEST));
            }
            (hangs && seen.method == http::Method::DELETE).then_some(Reply::Hang)
        })
        .await;
        let world = World::start(&upstream.url(), Plan::default()).await;
        world.modern("tools/call", json!({ "name": "echo" })).await;
        let began = std::time::Instant::now();
        world.gateway.end_upstream_sessions().await;
        let bound = std::time::Duration::from_secs(if hangs { 10 } else { 2 });
        assert!(began.elapsed() < bound, "{:?}", began.elapsed());
        let ended: Vec<_> = upstream.seen().into_iter().filter(|seen| seen.method == http::Method::DELETE).collect();
        assert_eq!(ended.len(), 1, "told once, and before the process ends");
        assert_eq!(ended[0].headers["mcp-session-id"], "up-1");
    }
}

#[tokio::test]
async fn modern_client_that_leaves_cancels_at_a_legacy_upstream() {
    let upstream = Upstream::start(|seen| {
        if seen.headers.contains_key("mcp-method") {
            return Some(Reply::status(StatusCode::BAD_REQUEST));
        }
        (seen.rpc() == "tools/call").then_some(Reply::Hang)
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let gateway = world.gateway.clone();
    let request = world.modern_request("tools/call", &json!({ "name": "echo" }));
    let call = tokio::spawn(async move { gateway.call(request).await });
    let cancelled = async {
        while upstream.seen_of("tools/call").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        call.abort();
        loop {
            if let Some(seen) = upstream.seen_of("notifications/cancelled").pop() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let cancelled = timeout(Duration::from_secs(5), cancelled).await.expect("told at once");
    let call = upstream.seen_of("tools/call").pop().expect("the call");
    assert_eq!(cancelled.body()["params"]["requestId"], call.body()["id"]);
    assert_eq!(cancelled.headers["mcp-session-id"], "up-1");
}

#[tokio::test]
async fn legacy_client_reaches_a_modern_upstream() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let begun = world.initialize("2025-06-18").await;
    let result = begun.json()["result"].clone();
    assert_eq!(result["protocolVersion"], "2025-06-18");
    assert_eq!((&result["serverInfo"]["name"], &result["instructions"]), (&json!("modern"), &json!("be kind")));
    assert_eq!(result["capabilities"], json!({ "tools": { "listChanged": true }, "resources": {} }));
    let session = begun.session();
    let initialized = world.post(&session, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    assert_eq!(initialized.status, StatusCode::ACCEPTED);

    let answer = world.call_tool(&session, "echo", &json!({ "a": 1 })).await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], "done");
    let sent = upstream.seen_of("tools/call").pop().expect("the call");
    let meta = &sent.body()["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["io.modelcontextprotocol/clientCapabilities"], json!({ "roots": {} }));
    assert_eq!(meta["io.modelcontextprotocol/clientInfo"], json!({ "name": "test-client", "version": "9" }));
    assert_eq!(sent.headers["mcp-name"], "echo");
    assert!(!sent.headers.contains_key("mcp-session-id"));

    let list = world.post(&session, &json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list" })).await;
    assert_eq!(names(&list.json()), ["echo", "refund"]);
    let missing = json!({ "jsonrpc": "2.0", "id": 3, "method": "resources/read", "params": { "uri": "file:///none" } });
    assert_eq!(world.post(&session, &missing).await.code(), -32002);
}

#[tokio::test]
async fn arguments_that_a_schema_repeats_in_headers_must_agree() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let mut pay = super::world::tool(world.server_id, "pay");
    pay.definition["inputSchema"] =
        json!({ "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } });
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.replace_tools(world.account_id, world.server_id, &[pay], chrono::Utc::now()).await.expect("tools");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.epochs.advance(world.account_id);

    let params = json!({ "name": "pay", "arguments": { "region": "eu" } });
    for (header, code) in [(None, Some(-32020)), (Some("us"), Some(-32020)), (Some("eu"), None)] {
        let mut request = world.modern_request("tools/call", &params);
        if let Some(header) = header {
            request.headers_mut().insert("mcp-param-region", header.parse().expect("header"));
        }
        let answer = world.send(request).await;
        assert_eq!(answer.json()["error"]["code"].as_i64(), code, "{header:?}");
    }
    let session = world.session().await;
    world.call_tool(&session, "pay", &json!({ "region": "ü" })).await;
    let sent = upstream.seen_of("tools/call").pop().expect("the call");
    assert_eq!(sent.headers["mcp-param-region"], "=?base64?w7w=?=", "a legacy client sends none");
}

#[tokio::test]
async fn upstream_that_changes_its_era_is_learned_anew() {
    let is_modern = Arc::new(Mutex::new(false));
    let now = Arc::clone(&is_modern);
    let upstream = Upstream::start(move |seen| {
        if *now.lock().expect("lock") {
            return Some(modern(seen));
        }
        seen.headers.contains_key("mcp-method").then(|| Reply::status(StatusCode::BAD_REQUEST))
    })
    .await;
    let clock = Arc::new(ostiary_model::ManualClock::new(chrono::Utc::now()));
    let world = World::start(&upstream.url(), Plan { clock: clock.clone(), ..Plan::default() }).await;
    assert_eq!(world.modern("tools/call", json!({ "name": "echo" })).await.status, StatusCode::OK);
    *is_modern.lock().expect("lock") = true;
    clock.advance(chrono::TimeDelta::seconds(10));
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(world.modern("tools/call", json!({ "name": "echo" })).await.json());
    }
    assert_eq!(answers[2]["result"]["own"], 1, "{answers:?}");
}

#[tokio::test]
async fn listening_of_a_modern_pair_leaves_out_what_may_not_be_read() {
    let upstream = Upstream::start(|seen| {
        if seen.rpc() != "subscriptions/listen" {
            return Some(modern(seen));
        }
        let ack = json!({ "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": seen.body()["params"] });
        let changed = json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" });
        Some(Reply::events(vec![format!("data: {ack}\n\ndata: {changed}\n\n")]))
    })
    .await;
    let policy = r#"{"version":"1","default":"allow","resources":{"deny":["secret:*"]}}"#;
    let world = World::start(&upstream.url(), Plan::policy(policy)).await;
    let wanted = json!({ "toolsListChanged": true, "resourceSubscriptions": ["file:///a", "secret:///b"] });
    let answer = world.modern("subscriptions/listen", json!({ "notifications": wanted })).await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert!(answer.text.contains("tools/list_changed"), "{}", answer.text);
    let sent = upstream.seen_of("subscriptions/listen").pop().expect("the request").body();
    assert_eq!(
        sent["params"]["notifications"],
        json!({ "toolsListChanged": true, "resourceSubscriptions": ["file:///a"] })
    );
}
