//! What a server says of changed lists, to clients whose grants do not see everything.

use std::time::Duration;

use http::{Method, Response};
use ostiary_proxy::Body;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::bridges::{CHANGED, PATIENCE, handed, next};
use super::upstream::{Reply, Seen, Sender, Upstream, modern};
use super::world::{Plan, World};

const POLICY: &str = r#"{"version":"1","default":"allow","hide":["secret_*"]}"#;
const MARK: &str = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":"mark"}}"#;

type Senders = mpsc::UnboundedReceiver<Sender>;

/// A server of one era that hands its streams to the test, a gateway before it, and a client's stream.
async fn listening(is_modern: bool, plan: Plan) -> (Upstream, World, Response<Body>, Senders) {
    let no_modern =
        |seen: &Seen| seen.headers.contains_key("mcp-method").then(|| Reply::status(http::StatusCode::BAD_REQUEST));
    let (upstream, senders) = match is_modern {
        true => handed(|seen| seen.rpc() == "subscriptions/listen", |seen| Some(modern(seen))).await,
        false => handed(|seen| seen.method == Method::GET, no_modern).await,
    };
    let world = World::start(&upstream.url(), plan).await;
    let request = if is_modern {
        world.modern_request("subscriptions/listen", &json!({ "notifications": { "toolsListChanged": true } }))
    } else {
        let session = world.session().await;
        let mut request = world.request("GET", "");
        request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
        request
    };
    let answer = world.gateway.call(request).await;
    (upstream, world, answer, senders)
}

async fn told(answer: &mut Response<Body>) -> Value {
    timeout(PATIENCE, next(answer.body_mut())).await.expect("in time").expect("a message")
}

#[rstest]
#[case::that_the_policy_hides(&["echo", "secret_one"], 0)]
#[case::that_the_grant_sees(&["echo", "another"], 1)]
// It may be the tools of this session that are others.
#[case::that_no_reading_finds(&["echo"], 1)]
#[tokio::test]
async fn change_is_told_once_where_it_concerns_the_grant(
    #[case] found: &'static [&'static str],
    #[case] times: usize,
    #[values(false, true)] is_modern: bool,
) {
    let plan = Plan { policy: Some(POLICY), tools: &["echo"], found, ..Plan::default() };
    let (_upstream, _world, mut answer, mut senders) = listening(is_modern, plan).await;
    let mut sender = timeout(PATIENCE, senders.recv()).await.expect("in time").expect("a stream");
    // Servers tell of each of several changes that they make at once.
    sender.send_data(format!("data: {CHANGED}\n\ndata: {CHANGED}\n\n").into()).await.expect("sent");
    for _ in 0..times {
        let mut message = told(&mut answer).await;
        if message["method"] == "notifications/subscriptions/acknowledged" {
            message = told(&mut answer).await;
        }
        assert_eq!(message["method"], "notifications/tools/list_changed");
    }
    tokio::time::sleep(Duration::from_millis(600)).await;
    sender.send_data(format!("data: {MARK}\n\n").into()).await.expect("sent");
    assert_eq!(told(&mut answer).await["params"]["data"], "mark", "nothing else was told");
}
