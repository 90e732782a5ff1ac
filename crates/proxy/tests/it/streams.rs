//! Streams that stay open: progress as it comes, the standalone stream, clients that leave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::BodyExt;
use ostiary_proxy::{Body, ProxyConfig};
use ostiary_storage::{ReadServers, Store};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::upstream::{Reply, Seen, Sender, Upstream, tool};
use super::world::{Plan, World};

const PATIENCE: Duration = Duration::from_secs(5);

/// An upstream whose streams are handed to the test.
async fn open_ended(is_stream: fn(&Seen) -> bool) -> (Upstream, mpsc::UnboundedReceiver<Sender>) {
    let (senders, receiver) = mpsc::unbounded_channel();
    let senders = Arc::new(Mutex::new(senders));
    let upstream = Upstream::start(move |seen| {
        let senders = Arc::clone(&senders);
        is_stream(seen).then(|| {
            Reply::Stream(
                "text/event-stream",
                Box::new(move |sender| {
                    senders.lock().expect("lock").send(sender).expect("a test that waits");
                }),
            )
        })
    })
    .await;
    (upstream, receiver)
}

async fn next(body: &mut Body) -> Option<String> {
    let frame = timeout(PATIENCE, body.frame()).await.expect("in time")?;
    let data = frame.expect("whole").into_data().expect("data");
    Some(String::from_utf8(data.to_vec()).expect("text"))
}

async fn send(sender: &mut Sender, text: &str) {
    sender.send_data(Bytes::from(text.to_owned())).await.expect("a stream that is read");
}

async fn open(world: &World, session: &str) -> Response<Body> {
    let mut request = world.request("GET", "");
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    world.gateway.call(request).await
}

/// The stream again, after the event with this id.
async fn resume(world: &World, session: &str, id: &str) -> Response<Body> {
    let mut request = world.request("GET", "");
    request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
    request.headers_mut().insert("last-event-id", id.parse().expect("header"));
    world.gateway.call(request).await
}

/// The id of an event.
fn id_of(event: &str) -> String {
    event.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id").to_owned()
}

fn is_get(seen: &Seen) -> bool {
    seen.method == Method::GET
}

fn is_call(seen: &Seen) -> bool {
    seen.rpc() == "tools/call"
}

#[tokio::test]
async fn events_pass_one_by_one_before_the_answer_is_there() {
    let (upstream, mut senders) = open_ended(is_call).await;
    let config = ProxyConfig { keep_alive: Duration::from_millis(50), ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    let session = world.session().await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "echo" } });
    let mut answer = world.gateway.call(world.post_request(&session, &body)).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut sender = senders.recv().await.expect("stream");
    assert_eq!(next(answer.body_mut()).await.as_deref(), Some(": keep-alive\n\n"));
    let progress = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1}}\n\n";
    send(&mut sender, progress).await;
    assert_eq!(next(answer.body_mut()).await.as_deref(), Some(progress));
    assert!(world.decisions().await[0].ending.is_none());
    let result = "data: {\"jsonrpc\":\"2.0\",\"id\":7,\r\ndata: \"result\":{}}\r\n\r\n";
    send(&mut sender, result).await;
    assert_eq!(next(answer.body_mut()).await.as_deref(), Some(result));
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "ok");
    drop(sender);
    assert_eq!(next(answer.body_mut()).await, None);
}

#[tokio::test]
async fn client_that_leaves_is_gone_for_the_upstream_at_once() {
    let (upstream, mut senders) = open_ended(is_call).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "echo" } });
    let answer = world.gateway.call(world.post_request(&session, &body)).await;
    let mut sender = senders.recv().await.expect("stream");
    drop(answer);
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "client_gone");
    timeout(PATIENCE, async { while sender.send_data(Bytes::from_static(b": x\n\n")).await.is_ok() {} })
        .await
        .expect("the upstream's stream is closed");
}

#[tokio::test]
async fn stream_that_can_be_resumed_ends_without_an_error_of_ours() {
    let (upstream, mut senders) = open_ended(is_call).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "echo" } });
    let mut answer = world.gateway.call(world.post_request(&session, &body)).await;
    let mut sender = senders.recv().await.expect("stream");
    send(&mut sender, "id: 1\nretry: 50\ndata:\n\n").await;
    let event = next(answer.body_mut()).await.expect("event");
    assert!(event.contains("retry: 50\n") && event.contains("data: \n"), "{event}");
    let id = id_of(&event);
    assert_ne!(id, "1");
    drop(sender);
    assert_eq!(next(answer.body_mut()).await, None);

    resume(&world, &session, &id).await;
    let sent = upstream.seen().pop().expect("request");
    assert_eq!((sent.method, &sent.headers["last-event-id"]), (Method::GET, &"1".parse().unwrap()));
    let other = world.session().await;
    for (session, id) in [(&other, id.as_str()), (&session, "1")] {
        assert_eq!(resume(&world, session, id).await.status(), StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test]
async fn standalone_stream_begins_with_a_comment_and_filters_what_it_replays() {
    let (upstream, mut senders) = open_ended(is_get).await;
    let policy = r#"{"version":"1","default":"deny","tools":{"echo":{}}}"#;
    let world = World::start(&upstream.url(), Plan::policy(policy)).await;
    let session = world.session().await;
    let mut answer = open(&world, &session).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(next(answer.body_mut()).await.as_deref(), Some(": keep-alive\n\n"));
    let sent = upstream.seen().pop().expect("request");
    assert_eq!(&sent.headers["mcp-session-id"], "up-1");
    assert_eq!(sent.headers["accept"], "text/event-stream");
    let mut sender = senders.recv().await.expect("stream");
    let list = json!({ "jsonrpc": "2.0", "id": 5, "result": { "tools": [tool("echo"), tool("delete_all")] } });
    send(&mut sender, &format!("id: 42\ndata: {list}\n\n")).await;
    let event = next(answer.body_mut()).await.expect("event");
    assert!(event.contains("echo") && !event.contains("delete_all") && !event.contains("id: 42"), "{event}");
    send(&mut sender, "data: {\"result\":{\"tools\":[{\"title\":\"delete_all\"}]}}\n\n").await;
    send(&mut sender, "data: <no message>\n\n").await;
    let changed = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n";
    send(&mut sender, changed).await;
    let told = next(answer.body_mut()).await.expect("event");
    assert!(told.contains("tools/list_changed"), "what cannot be read does not pass: {told}");
}

#[tokio::test]
async fn standalone_stream_follows_the_policy_and_ends_with_the_grant() {
    let (upstream, mut senders) = open_ended(is_get).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut answer = open(&world, &session).await;
    next(answer.body_mut()).await;
    let mut sender = senders.recv().await.expect("stream");
    let list = json!({ "jsonrpc": "2.0", "id": 5, "result": { "tools": [tool("echo")] } });
    world.edit_policy(2, r#"{"version":"1","default":"deny"}"#).await;
    send(&mut sender, &format!("data: {list}\n\n")).await;
    assert!(!next(answer.body_mut()).await.expect("event").contains("echo"));
    world.revoke().await;
    send(&mut sender, "data: {\"method\":\"notifications/message\"}\n\n").await;
    assert_eq!(next(answer.body_mut()).await, None);
}

#[tokio::test]
async fn standalone_stream_of_a_revoked_grant_ends_without_an_event() {
    let (upstream, mut senders) = open_ended(is_get).await;
    let config = ProxyConfig { keep_alive: Duration::from_millis(30), ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    let session = world.session().await;
    let mut answer = open(&world, &session).await;
    let _sender = senders.recv().await.expect("stream");
    world.revoke().await;
    let ended = timeout(PATIENCE, async { while next(answer.body_mut()).await.is_some() {} }).await;
    ended.expect("the stream ends within a pulse");
}

#[tokio::test]
async fn standalone_streams_beyond_the_bound_are_429_and_end_at_shutdown() {
    let (upstream, mut senders) = open_ended(is_get).await;
    let config = ProxyConfig { streams_per_grant: 1, ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    let session = world.session().await;
    let mut answer = open(&world, &session).await;
    let _sender = senders.recv().await.expect("stream");
    assert_eq!(open(&world, &session).await.status(), StatusCode::TOO_MANY_REQUESTS);
    next(answer.body_mut()).await;
    world.shutdown.cancel();
    assert_eq!(next(answer.body_mut()).await, None);
    drop(answer);
    assert_eq!(open(&world, &session).await.status(), StatusCode::OK, "the place is free again");
}

#[tokio::test]
async fn standalone_stream_that_the_upstream_does_not_have_is_405() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = open(&world, &session).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST, DELETE");
}

#[tokio::test]
async fn standalone_stream_of_a_server_that_moved_ends() {
    let (upstream, mut senders) = open_ended(is_get).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut answer = open(&world, &session).await;
    next(answer.body_mut()).await;
    let mut sender = senders.recv().await.expect("stream");
    let mut server = world.store.get_server(world.account_id, world.server_id).await.expect("read").expect("server");
    server.url = "http://127.0.0.1:9/elsewhere".parse().expect("url");
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.update_server(&server).await.expect("update");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.epochs.advance(world.account_id);
    send(&mut sender, "data: {\"method\":\"notifications/message\"}\n\n").await;
    assert_eq!(next(answer.body_mut()).await, None);
}

#[tokio::test]
async fn standalone_stream_in_an_encoding_that_nobody_asked_for_is_refused() {
    let upstream = Upstream::start(|seen| {
        let headers = vec![("content-type", "text/event-stream".to_owned()), ("content-encoding", "gzip".to_owned())];
        is_get(seen).then(|| Reply::Whole(StatusCode::OK, headers, "data: {}\n\n".to_owned()))
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    assert_eq!(open(&world, &session).await.status(), StatusCode::BAD_GATEWAY);
}
