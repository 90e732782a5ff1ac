//! What is remembered of a server: told while it is silent, and looked at when a grant sees other lists.

use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt;
use ostiary_model::entry::EntryKind;
use ostiary_model::server::ServerIdentity;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::bridges::{PATIENCE, next};
use super::upstream::{Reply, Upstream};
use super::world::{Plan, World};

fn identity(revision: &str) -> ServerIdentity {
    ServerIdentity {
        name: Some("billing".to_owned()),
        version: Some("7".to_owned()),
        protocol_version: Some(revision.to_owned()),
        instructions: Some("Be kind.".to_owned()),
        capabilities: Some(json!({ "tools": {}, "prompts": { "listChanged": true } })),
    }
}

#[tokio::test]
async fn server_that_is_silent_is_told_of_as_it_was_when_it_was_last_read() {
    for revision in ["2025-11-25", "2026-07-28"] {
        // Nobody listens there.
        let world = World::start("http://127.0.0.1:9/mcp", Plan::default()).await;
        world.remember(&identity(revision), &[]).await;
        let discovered = world.modern("server/discover", json!({})).await;
        assert_eq!(discovered.status, StatusCode::OK, "{revision}");
        let result = discovered.json()["result"].clone();
        assert_eq!(result["capabilities"], json!({ "tools": {}, "prompts": { "listChanged": true } }));
        assert_eq!(result["instructions"], "Be kind.");
        let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(info, &json!({ "name": "billing", "version": "7" }));

        let begun = world.initialize("2025-11-25").await;
        assert_eq!(begun.status, StatusCode::OK, "{revision}: {}", begun.text);
        let result = begun.json()["result"].clone();
        assert_eq!(result["capabilities"], json!({ "tools": {}, "prompts": { "listChanged": true } }));
        assert_eq!((&result["serverInfo"]["name"], &result["instructions"]), (&json!("billing"), &json!("Be kind.")));
        let session = begun.session();
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(world.post(&session, &initialized).await.status, StatusCode::ACCEPTED);
        let called = world.call_tool(&session, "echo", &json!({})).await;
        assert!(called.json()["error"]["code"].is_i64(), "{revision}: {}", called.text);
    }
}

#[tokio::test]
async fn session_that_began_while_the_server_was_silent_goes_on_when_it_is_back() {
    let is_back = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let upstream = Upstream::start({
        let is_back = std::sync::Arc::clone(&is_back);
        move |seen| {
            if !is_back.load(std::sync::atomic::Ordering::SeqCst) {
                return Some(Reply::status(StatusCode::SERVICE_UNAVAILABLE));
            }
            let asks = r#"{"jsonrpc":"2.0","id":"q","method":"roots/list"}"#;
            (seen.method == http::Method::GET).then(|| Reply::events(vec![format!("id: e\ndata: {asks}\n\n")]))
        }
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    world.remember(&identity("2025-11-25"), &[]).await;
    let session = world.session().await;
    let with_session = |method: &str| {
        let mut request = world.request(method, "");
        request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
        request
    };
    let mut stream = world.gateway.call(with_session("GET")).await;
    assert_eq!(stream.status(), StatusCode::OK, "there is a stream, and nothing on it");
    is_back.store(true, std::sync::atomic::Ordering::SeqCst);
    let question = timeout(PATIENCE, next(stream.body_mut())).await.expect("in time").expect("a question");
    assert_eq!((&question["id"], &question["method"]), (&json!("q"), &json!("roots/list")));
    let called = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!((called.status, &called.json()["id"]), (StatusCode::OK, &json!(7)));
    assert!(called.json()["result"].is_object(), "{}", called.text);
    let answer = json!({ "jsonrpc": "2.0", "id": "q", "result": { "roots": [] } });
    assert_eq!(world.post(&session, &answer).await.status, StatusCode::ACCEPTED);
    let answered = async {
        while !upstream.seen().iter().any(|seen| seen.body()["id"] == "q") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, answered).await.expect("the server gets the answer to its question");
    let opened = upstream.seen().iter().filter(|seen| seen.rpc() == "initialize").count();
    assert!(opened >= 2, "the one that failed, and the client's own");
    assert_eq!(world.send(with_session("DELETE")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.send(with_session("DELETE")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn changes_of_prompts_and_resources_are_told_when_the_grant_sees_others_and_only_then() {
    const FIRST: &str = r#"{"version":"1","default":"allow","prompts":{"deny":["secret*"]}}"#;
    let upstream = Upstream::start(|seen| {
        let quiet = |mut sender: super::upstream::Sender| {
            tokio::spawn(async move {
                while sender.send_data(": still there\n\n".into()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            });
        };
        (seen.method == http::Method::GET).then(|| Reply::Stream("text/event-stream", Box::new(quiet)))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::policy(FIRST)).await;
    let legacy = identity("2025-11-25");
    world.remember(&legacy, &[(EntryKind::Prompt, &["greet"]), (EntryKind::Resource, &["note://a"])]).await;
    let session = world.session().await;
    let mut request = world.request("GET", "");
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    let mut stream = world.gateway.call(request).await;
    assert_eq!(stream.status(), StatusCode::OK);
    // What the grant sees is looked at before the first event.
    stream.body_mut().frame().await.expect("a comment").expect("whole");
    stream.body_mut().frame().await.expect("a comment").expect("whole");

    let told = async |stream: &mut http::Response<ostiary_proxy::Body>| {
        let message: Value = timeout(PATIENCE, next(stream.body_mut())).await.expect("in time").expect("a message");
        message["method"].as_str().expect("a method").to_owned()
    };
    // Nothing that the grant sees: another resource list of the same, and a prompt that the policy hides.
    world
        .remember(&legacy, &[(EntryKind::Prompt, &["greet", "secret-one"]), (EntryKind::Resource, &["note://a"])])
        .await;
    // The policy says something else of a prompt that there is not.
    world.edit_policy(2, r#"{"version":"1","default":"allow","prompts":{"deny":["secret*","nothing"]}}"#).await;
    world.remember(&legacy, &[(EntryKind::Resource, &["note://a", "note://b"])]).await;
    assert_eq!(told(&mut stream).await, "notifications/resources/list_changed");
    world.edit_policy(3, r#"{"version":"1","default":"allow","prompts":{"deny":["secret*","greet"]}}"#).await;
    assert_eq!(told(&mut stream).await, "notifications/prompts/list_changed");
}
