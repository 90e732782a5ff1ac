//! Sessions, revisions and eras.

use http::StatusCode;
use serde_json::{Value, json};

use super::upstream::{Reply, Upstream, ordinary};
use super::world::{Plan, World, grant, whole};
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{Binding, Mode};
use ostiary_storage::Store;

#[tokio::test]
async fn initialize_gives_a_session_of_ours_and_drops_what_is_not_carried() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let answer = world.initialize("2025-06-18").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(answer.json()["result"]["capabilities"], json!({ "tools": {} }));
    assert_ne!(answer.session(), "up-1");
    let sent = &upstream.seen_of("initialize")[0];
    assert_eq!(sent.body()["params"]["capabilities"], json!({ "roots": {} }));
    assert!(!sent.headers.contains_key("mcp-protocol-version"));
}

#[tokio::test]
async fn initialize_answered_by_an_event_stream_stays_one() {
    let upstream = Upstream::start(|seen| {
        (seen.rpc() == "initialize").then(|| {
            let result = json!({ "protocolVersion": "2025-11-25", "capabilities": { "tasks": {} } });
            let message = json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": result });
            Reply::events(vec!["id: 1\ndata:\n\n".to_owned(), format!("event: message\ndata: {message}\n\n")])
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let answer = world.initialize("2025-11-25").await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert!(answer.text.starts_with("event: message\ndata: {"), "{}", answer.text);
    assert!(!answer.text.contains("tasks"));
    // The upstream has no session; the client has one all the same.
    let listed = world.post(&answer.session(), &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })).await;
    assert_eq!(listed.status, StatusCode::OK);
    assert!(!upstream.seen_of("tools/list")[0].headers.contains_key("mcp-session-id"));
}

#[tokio::test]
async fn initialize_with_a_revision_not_offered_proposes_the_newest_legacy_one() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    for proposed in ["2026-07-28", "2024-11-05", "2025-03-26"] {
        let answer = world.initialize(proposed).await;
        assert_eq!(answer.json()["result"]["protocolVersion"], "2025-11-25", "{proposed}");
    }
    let proposals: Vec<Value> =
        upstream.seen_of("initialize").iter().map(|seen| seen.body()["params"]["protocolVersion"].clone()).collect();
    assert!(proposals.iter().all(|proposal| proposal == "2025-11-25"), "{proposals:?}");
}

#[tokio::test]
async fn initialize_with_an_upstream_of_2025_03_26_tells_each_side_its_own() {
    let upstream = Upstream::start(|seen| {
        (seen.rpc() == "initialize").then(|| {
            let result = json!({ "protocolVersion": "2025-03-26", "capabilities": {} });
            Reply::json(&json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": result }))
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let answer = world.initialize("2025-11-25").await;
    assert_eq!(answer.json()["result"]["protocolVersion"], "2025-06-18");
    world.call_tool(&answer.session(), "echo", &json!({})).await;
    assert!(!upstream.seen_of("tools/call")[0].headers.contains_key("mcp-protocol-version"));
}

#[tokio::test]
async fn initialize_with_an_upstream_that_is_modern_only_is_an_error() {
    let upstream = Upstream::start(|seen| {
        let result = json!({ "protocolVersion": "2026-07-28", "capabilities": {} });
        Some(Reply::json(&json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": result })))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    assert_eq!(world.initialize("2025-11-25").await.code(), -31012);
}

#[tokio::test]
async fn session_is_swapped_for_the_upstreams_with_its_revision() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let delivered = world.post(&session, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    assert_eq!((delivered.status, delivered.text.as_str()), (StatusCode::ACCEPTED, ""));
    let sent = &upstream.seen_of("notifications/initialized")[0];
    assert_eq!(sent.headers["mcp-session-id"], "up-1");
    assert_eq!(sent.headers["mcp-protocol-version"], "2025-11-25");
}

#[tokio::test]
async fn session_missing_or_garbage_is_404_on_which_clients_begin_anew() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let list = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list" });
    for lost in ["", "up-1", "AAAA", &"A".repeat(9000)] {
        let answer = world.post(lost, &list).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, -32001));
        assert_eq!(answer.json()["id"], json!(3));
    }
    assert!(upstream.seen().is_empty());
    let session = world.session().await;
    assert_eq!(world.post(&session, &list).await.status, StatusCode::OK);
}

#[tokio::test]
async fn session_of_another_grant_is_404() {
    let upstream = Upstream::ordinary().await;
    let mut world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let binding = Binding { server_id: world.server_id, policy_id: Some(world.policy_id), mode: Mode::Enforce };
    let token = Token::mint(TokenKind::Grant);
    let mut transaction = world.store.begin().await.expect("begin");
    let other = grant(world.account_id, vec![binding]);
    transaction.create_grant(&other, token.hash().as_bytes()).await.expect("grant");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.token = token.reveal().to_owned();
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::NOT_FOUND);
    let own = world.session().await;
    assert_eq!(world.call_tool(&own, "echo", &json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn session_that_died_upstream_is_404_so_that_the_client_begins_anew() {
    let upstream =
        Upstream::start(|seen| (seen.rpc() != "initialize").then(|| Reply::status(StatusCode::NOT_FOUND))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!((answer.status, answer.json()["id"].clone()), (StatusCode::NOT_FOUND, json!(7)));
    let ended = world.ended().await.ending.expect("ending");
    assert_eq!((ended.result.as_str(), ended.upstream_status), ("http_error", Some(404)));
}

#[tokio::test]
async fn session_is_ended_at_the_upstream() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut request = world.request("DELETE", "");
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    assert_eq!(world.send(request).await.status, StatusCode::NO_CONTENT);
    let sent = upstream.seen().pop().expect("request");
    assert_eq!(sent.method, "DELETE");
    assert_eq!(sent.headers["mcp-session-id"], "up-1");
}

#[tokio::test]
async fn version_header_that_nobody_speaks_is_400() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    for (version, status) in [("1999-01-01", 400), ("2026-07-28", 404), ("2025-06-18", 200), ("2025-03-26", 200)] {
        let mut request = world.post_request(&session, &json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
        request.headers_mut().insert("mcp-protocol-version", version.parse().expect("header"));
        let answer = whole(world.gateway.call(request).await).await;
        assert_eq!(answer.status.as_u16(), status, "{version}");
    }
}

#[tokio::test]
async fn ping_is_answered_here() {
    let upstream = Upstream::start(|seen| Some(ordinary(seen))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.post(&session, &json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" })).await;
    assert_eq!(answer.json(), json!({ "jsonrpc": "2.0", "id": "p", "result": {} }));
    assert_eq!(upstream.seen().len(), 1);
}
