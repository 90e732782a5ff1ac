//! Lists, as much of them as the grant may see.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Channel;
use ostiary_model::Mode;
use ostiary_proxy::ProxyConfig;
use serde_json::{Value, json};

use super::upstream::{Reply, Upstream, tool};
use super::world::{Plan, World, whole};

const SOME: &str = r#"{"version":"1","default":"deny","tools":{"echo":{},"refund":{"action":"deny"}},
    "resources":{"default":"allow","deny":["secret:*"]}}"#;

fn list(method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 5, "method": method, "params": { "cursor": "" } })
}

fn names(message: &Value) -> Vec<&str> {
    message["result"]["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect()
}

#[tokio::test]
async fn list_leaves_out_what_the_grant_may_not_see_and_keeps_the_rest() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let session = world.session().await;
    let tools = world.post(&session, &list("tools/list")).await.json();
    assert_eq!(names(&tools), ["echo", "refund"], "a tool that is denied stays visible");
    assert_eq!(tools["result"]["tools"][0], tool("echo"));
    let resources = world.post(&session, &list("resources/list")).await.json();
    assert_eq!(resources["result"]["resources"], json!([{ "uri": "file:///a" }]));
    assert!(world.decisions().await.is_empty(), "a list is no call");
}

#[tokio::test]
async fn list_in_an_event_stream_is_filtered_too() {
    let upstream = Upstream::start(|seen| {
        (seen.rpc() == "tools/list").then(|| {
            let result = json!({ "tools": [tool("echo"), tool("delete_all")], "nextCursor": "n" });
            let message = json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": result }).to_string();
            let (head, tail) = message.split_at(30);
            let log = r#"data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}"#;
            Reply::events(vec![format!("{log}\n\nid: 9\nda"), format!("ta: {head}"), format!("{tail}\n\n")])
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let session = world.session().await;
    let answer = world.post(&session, &list("tools/list")).await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert_eq!(answer.headers["x-accel-buffering"], "no");
    let events: Vec<&str> = answer.text.split("\n\n").filter(|event| !event.is_empty()).collect();
    assert!(events[0].contains("notifications/message"));
    let data = events[1].lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
    let message: Value = serde_json::from_str(data).expect("json");
    assert_eq!(names(&message), ["echo"]);
    assert_eq!(message["result"]["nextCursor"], "n");
    assert!(events[1].starts_with("id: ") && !events[1].contains("id: 9"), "the id is sealed");
}

#[tokio::test]
async fn list_that_cannot_be_read_is_not_passed_on() {
    for body in [
        r#"{"jsonrpc":"2.0","id":5,"result":{"tools":[{"title":"delete_all"}]}}"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{"tools":[],"tools":[{"name":"delete_all"}]}}"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{"items":[{"name":"delete_all"}]}}"#,
        r#"[{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"delete_all"}]}}]"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"delete_all"}]},"method":"x"}"#,
        r#"{"jsonrpc":"2.0","id":5,"Result":{"tools":[{"name":"delete_all"}]}}"#,
        r#"{"jsonrpc":"2.0","id":5,"result":{"tools":[{"name":"delete_all"}"#,
    ] {
        for content_type in ["application/json", "text/event-stream"] {
            let text = if content_type == "application/json" { body.to_owned() } else { format!("data: {body}\n\n") };
            let upstream = Upstream::start(move |seen| {
                (seen.rpc() == "tools/list").then(|| Reply::text(StatusCode::OK, content_type, text.clone()))
            })
            .await;
            let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
            let session = world.session().await;
            let answer = world.post(&session, &list("tools/list")).await;
            assert!(!answer.text.contains("delete_all"), "{content_type}: {}", answer.text);
            assert!(answer.text.contains("-31012"), "{content_type}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn list_beside_an_error_is_filtered() {
    let body =
        r#"{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":"m"},"result":{"tools":[{"name":"delete_all"}]}}"#;
    for (content_type, text) in
        [("application/json", body.to_owned()), ("text/event-stream", format!("data: {body}\n\n"))]
    {
        let upstream = Upstream::start(move |seen| {
            (seen.rpc() == "tools/list").then(|| Reply::text(StatusCode::OK, content_type, text.clone()))
        })
        .await;
        let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
        let session = world.session().await;
        let answer = world.post(&session, &list("tools/list")).await;
        assert!(!answer.text.contains("delete_all"), "{content_type}: {}", answer.text);
    }
}

#[tokio::test]
async fn list_above_the_bound_is_not_passed_on() {
    let config = ProxyConfig { list_max_bytes: 100, ..ProxyConfig::default() };
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    // `initialize` is larger than that, too.
    assert_eq!(world.initialize("2025-11-25").await.code(), -31012);
}

#[tokio::test]
async fn list_without_a_policy_is_empty_and_in_shadow_whole() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan { policy: None, ..Plan::default() }).await;
    let session = world.session().await;
    assert!(names(&world.post(&session, &list("tools/list")).await.json()).is_empty());
    let world = World::start(&upstream.url(), Plan { mode: Mode::Shadow, ..Plan::policy(SOME) }).await;
    let session = world.session().await;
    assert_eq!(names(&world.post(&session, &list("tools/list")).await.json()).len(), 3);
}

#[tokio::test]
async fn list_beside_an_error_is_not_passed_on_whatever_the_status() {
    let upstream = Upstream::start(|seen| {
        (seen.rpc() == "tools/list").then(|| {
            let error = json!({ "code": 1, "message": "odd" });
            let message =
                json!({ "jsonrpc": "2.0", "id": 5, "error": error, "result": { "tools": [tool("delete_all")] } });
            Reply::text(StatusCode::BAD_REQUEST, "application/json", message.to_string())
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::policy(SOME)).await;
    let session = world.session().await;
    let answer = world.post(&session, &list("tools/list")).await;
    assert_eq!(answer.code(), -31013);
    assert!(!answer.text.contains("delete_all"), "{}", answer.text);
}

#[tokio::test]
async fn list_whose_request_takes_its_time_is_of_the_newest_policy() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    for is_revoked in [false, true] {
        let (head, _) = world.post_request(&session, &list("tools/list")).into_parts();
        let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
        let gateway = world.gateway.clone();
        let answer = tokio::spawn(async move { whole(gateway.call(Request::from_parts(head, body)).await).await });
        let whole_body = list("tools/list").to_string();
        sender.send_data(whole_body[..9].to_owned().into()).await.expect("read");
        tokio::time::sleep(Duration::from_millis(50)).await;
        if is_revoked {
            world.revoke().await;
        } else {
            world.edit_policy(2, SOME).await;
        }
        sender.send_data(whole_body[9..].to_owned().into()).await.expect("read");
        drop(sender);
        let answer = answer.await.expect("an answer");
        if is_revoked {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        } else {
            assert_eq!(names(&answer.json()), ["echo", "refund"]);
        }
    }
    assert_eq!(upstream.seen_of("tools/list").len(), 1);
}

fn tools_answer(seen: &super::upstream::Seen, tools: &Value, is_stream: bool) -> Reply {
    let message = json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": { "tools": tools } });
    if is_stream { Reply::events(vec![format!("data: {message}\n\n")]) } else { Reply::json(&message) }
}

#[tokio::test]
async fn list_with_another_definition_quarantines_the_very_next_call() {
    for is_stream in [false, true] {
        let upstream = Upstream::start(move |seen| {
            let poisoned = json!({ "name": "echo", "description": "Another one", "inputSchema": { "type": "object" } });
            (seen.rpc() == "tools/list").then(|| tools_answer(seen, &json!([poisoned]), is_stream))
        })
        .await;
        // Writing what was seen takes a while; the call waits for it.
        let plan = Plan { reading: Duration::from_millis(100), ..Plan::policy(SOME) };
        let world = World::start(&upstream.url(), plan).await;
        let session = world.session().await;
        let call = json!({ "jsonrpc": "2.0", "id": 6, "method": "tools/call", "params": { "name": "echo" } });
        assert!(world.post(&session, &call).await.json()["result"]["isError"] != json!(true));
        world.post(&session, &list("tools/list")).await;
        assert_eq!(world.post(&session, &call).await.decision()["code"], "tool_quarantined", "{is_stream}");
        world.post(&session, &list("tools/list")).await;
        world.post(&session, &call).await;
        let observed = world.refreshes.observed.load(std::sync::atomic::Ordering::SeqCst);
        assert_eq!(observed, 1, "what is known is not written again");
    }
}
