//! What one era says in another way than the other: input on the way, cancelling, changes, levels of log messages.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Response};
use http_body_util::BodyExt;
use ostiary_proxy::Body;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::upstream::{Reply, Seen, Sender, Upstream, modern};
use super::world::{Plan, World};

pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The next message of a stream; comments are passed over.
pub(crate) async fn next(body: &mut Body) -> Option<Value> {
    loop {
        let frame = timeout(PATIENCE, body.frame()).await.expect("in time")?;
        let data = frame.expect("whole").into_data().expect("data");
        let text = String::from_utf8(data.to_vec()).expect("text");
        let data: String = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        if let Ok(message) = serde_json::from_str(&data) {
            return Some(message);
        }
    }
}

/// The first round of a call: it asks for `wanted`.
pub(crate) fn asks(seen: &Seen, wanted: &Value) -> Option<Reply> {
    let body = seen.body();
    let is_first = seen.rpc() == "tools/call" && body["params"]["inputResponses"].is_null();
    is_first.then(|| {
        let result = json!({ "resultType": "input_required", "inputRequests": wanted, "requestState": "s" });
        Reply::json(&json!({ "jsonrpc": "2.0", "id": body["id"], "result": result }))
    })
}

pub(crate) fn call(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "echo", "arguments": { "a": 1 } } })
}

async fn asked_world(wanted: Value) -> (Upstream, World, String) {
    let upstream = Upstream::start(move |seen| asks(seen, &wanted).or_else(|| Some(modern(seen)))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    (upstream, world, session)
}

#[tokio::test]
async fn input_is_asked_of_a_legacy_client_on_the_stream_of_its_call() {
    let (upstream, world, session) = asked_world(json!({ "r": { "method": "roots/list" } })).await;
    let mut answer = world.gateway.call(world.post_request(&session, &call(7))).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let question = next(answer.body_mut()).await.expect("a question");
    assert_eq!((&question["jsonrpc"], &question["method"]), (&json!("2.0"), &json!("roots/list")));

    let roots = json!({ "roots": [{ "uri": "file:///home" }] });
    let reply = json!({ "jsonrpc": "2.0", "id": question["id"], "result": roots });
    let other = world.session().await;
    assert_eq!(world.post(&other, &reply).await.status, 202, "another session's answer is of no account");
    assert_eq!(world.post(&session, &reply).await.status, 202);
    let result = next(answer.body_mut()).await.expect("a result");
    assert_eq!((&result["id"], &result["result"]["content"][0]["text"]), (&json!(7), &json!("done")));
    assert!(next(answer.body_mut()).await.is_none());

    let rounds = upstream.seen_of("tools/call");
    assert_eq!(rounds.len(), 2);
    let second = rounds[1].body();
    assert_eq!(second["params"]["inputResponses"], json!({ "r": roots }));
    assert_eq!((&second["params"]["requestState"], &second["params"]["arguments"]), (&json!("s"), &json!({ "a": 1 })));
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "ok");
}

#[tokio::test]
async fn input_that_a_client_cannot_give_is_an_error_of_the_call() {
    let (upstream, world, session) =
        asked_world(json!({ "e": { "method": "elicitation/create", "params": {} } })).await;
    let answer = world.post(&session, &call(7)).await;
    assert!(answer.text.contains("-31016"), "{}", answer.text);
    assert_eq!(upstream.seen_of("tools/call").len(), 1);
}

#[tokio::test]
async fn input_that_comes_after_the_policy_changed_is_not_passed_on() {
    let (upstream, world, session) = asked_world(json!({ "r": { "method": "roots/list" } })).await;
    let mut answer = world.gateway.call(world.post_request(&session, &call(7))).await;
    let question = next(answer.body_mut()).await.expect("a question");
    world.edit_policy(2, r#"{"version":"1","default":"deny"}"#).await;
    world.post(&session, &json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "roots": [] } })).await;
    assert_eq!(next(answer.body_mut()).await.expect("an error")["error"]["code"], -31001);
    assert_eq!(upstream.seen_of("tools/call").len(), 1);
}

#[tokio::test]
async fn cancelling_of_a_legacy_client_ends_the_request_at_a_modern_upstream() {
    let (gone, mut goes) = mpsc::unbounded_channel();
    let upstream = Upstream::start(move |seen| {
        if seen.rpc() != "tools/call" {
            return Some(modern(seen));
        }
        let gone = gone.clone();
        let go_on = move |mut sender: Sender| {
            tokio::spawn(async move {
                while sender.send_data(": still there\n\n".into()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                gone.send(()).expect("a test that waits");
            });
        };
        Some(Reply::Stream("text/event-stream", Box::new(go_on)))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.gateway.call(world.post_request(&session, &call(7))).await;
    let reading = tokio::spawn(async move { answer.into_body().collect().await.map(|_| ()) });
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
    assert_eq!(world.post(&session, &cancel).await.status, 202);
    timeout(PATIENCE, goes.recv()).await.expect("the upstream is left at once").expect("a sign");
    reading.await.expect("a reader").expect("the stream ends");
}

#[tokio::test]
async fn level_of_a_legacy_client_goes_with_every_request() {
    let upstream = Upstream::start(|seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let set = json!({ "jsonrpc": "2.0", "id": 1, "method": "logging/setLevel", "params": { "level": "warning" } });
    assert_eq!(world.post(&session, &set).await.json()["result"], json!({}));
    world.call_tool(&session, "echo", &json!({})).await;
    let sent = upstream.seen_of("tools/call").pop().expect("the call").body();
    assert_eq!(sent["params"]["_meta"]["io.modelcontextprotocol/logLevel"], "warning");
}

/// An upstream that hands the streams that `is_stream` picks to the test.
pub(crate) async fn handed(
    is_stream: fn(&Seen) -> bool,
    rest: fn(&Seen) -> Option<Reply>,
) -> (Upstream, mpsc::UnboundedReceiver<Sender>) {
    let (senders, receiver) = mpsc::unbounded_channel();
    let senders = Arc::new(Mutex::new(senders));
    let upstream = Upstream::start(move |seen| {
        if !is_stream(seen) {
            return rest(seen);
        }
        let senders = Arc::clone(&senders);
        let hand = move |sender| senders.lock().expect("lock").send(sender).expect("a test that waits");
        Some(Reply::Stream("text/event-stream", Box::new(hand)))
    })
    .await;
    (upstream, receiver)
}

pub(crate) const CHANGED: &str = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;

#[tokio::test]
async fn changes_at_a_legacy_upstream_are_told_to_every_modern_client_that_listens() {
    let no_modern =
        |seen: &Seen| seen.headers.contains_key("mcp-method").then(|| Reply::status(http::StatusCode::BAD_REQUEST));
    let (upstream, mut senders) = handed(|seen| seen.method == Method::GET, no_modern).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let mut listeners: Vec<Response<Body>> = Vec::new();
    for wanted in [json!({ "toolsListChanged": true }), json!({ "promptsListChanged": true, "toolsListChanged": true })]
    {
        let request = world.modern_request("subscriptions/listen", &json!({ "notifications": wanted }));
        let mut answer = world.gateway.call(request).await;
        let ack = next(answer.body_mut()).await.expect("an acknowledgement");
        assert_eq!(ack["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(ack["params"]["notifications"], wanted);
        listeners.push(answer);
    }
    let mut sender = timeout(PATIENCE, senders.recv()).await.expect("in time").expect("a stream");
    // Both listen before anything is told.
    tokio::time::sleep(Duration::from_millis(50)).await;
    sender.send_data(format!("data: {CHANGED}\n\n").into()).await.expect("sent");
    for answer in &mut listeners {
        let told = next(answer.body_mut()).await.expect("a change");
        assert_eq!(told["method"], "notifications/tools/list_changed");
        assert_eq!(told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "m-1");
    }
    assert!(senders.try_recv().is_err(), "one stream for both");
}

#[tokio::test]
async fn changes_at_a_modern_upstream_are_told_on_the_stream_of_a_legacy_client() {
    let (upstream, mut senders) = handed(|seen| seen.rpc() == "subscriptions/listen", |seen| Some(modern(seen))).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut request = world.request("GET", "");
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    let mut answer = world.gateway.call(request).await;
    let mut sender = timeout(PATIENCE, senders.recv()).await.expect("in time").expect("a stream");
    let ack = json!({ "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": {} });
    sender.send_data(format!("data: {ack}\n\ndata: {CHANGED}\n\n").into()).await.expect("sent");
    assert_eq!(next(answer.body_mut()).await.expect("a change")["method"], "notifications/tools/list_changed");
    let sent = upstream.seen_of("subscriptions/listen").pop().expect("the request").body();
    assert_eq!(sent["params"]["notifications"]["toolsListChanged"], true);
}
