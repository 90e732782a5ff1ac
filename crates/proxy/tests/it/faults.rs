//! Upstreams that misbehave: each with a clear answer, the right ending, and the right release.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use ostiary_proxy::ProxyConfig;
use rstest::rstest;
use serde_json::json;

use super::upstream::{Reply, Upstream};
use super::world::{Plan, World};

const BUDGET: &str = r#"{"version":"1","default":"deny","tools":{"refund":{"limits":[
    {"counter":"calls","window":"hour","max":3},
    {"counter":"sum","window":"hour","max":100,"amount":"args.amount"}]}}}"#;

fn impatient() -> ProxyConfig {
    ProxyConfig { first_byte: Duration::from_millis(200), idle: Duration::from_millis(200), ..ProxyConfig::default() }
}

async fn upstream_with(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Upstream {
    Upstream::start(move |seen| (seen.rpc() == "tools/call").then(&reply)).await
}

/// What one call to such an upstream comes to: the answer's status and code, and the ending's result.
async fn outcome(world: &World) -> (StatusCode, i64, String) {
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    let text = answer.text.rsplit("data: ").next().unwrap_or_default().trim().to_owned();
    let message: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{}", answer.text));
    assert_eq!(message["id"], 7, "{text}");
    assert!(!answer.text.contains("127.0.0.1"), "{}", answer.text);
    let ending = world.ended().await.ending.expect("ending");
    (answer.status, message["error"]["code"].as_i64().unwrap_or_default(), ending.result.to_string())
}

#[rstest]
#[case::hangs(|| Reply::Hang, -31011, "timeout")]
#[case::server_error(|| Reply::status(StatusCode::INTERNAL_SERVER_ERROR), -31013, "http_error")]
#[case::unauthorized(|| Reply::status(StatusCode::UNAUTHORIZED), -31013, "http_error")]
#[case::forbidden(|| Reply::status(StatusCode::FORBIDDEN), -31013, "http_error")]
#[case::too_many(|| Reply::status(StatusCode::TOO_MANY_REQUESTS), -31013, "http_error")]
#[case::redirects(
    || Reply::Whole(StatusCode::FOUND, vec![("location", "http://127.0.0.1:1/".to_owned())], String::new()),
    -31013,
    "http_error"
)]
#[case::garbage(|| Reply::text(StatusCode::OK, "application/json", "<html>".to_owned()), -31012, "broken")]
#[case::no_mcp(|| Reply::text(StatusCode::OK, "text/html", "<html>".to_owned()), -31012, "broken")]
#[case::empty(|| Reply::text(StatusCode::OK, "application/json", String::new()), -31012, "broken")]
#[case::accepted(|| Reply::text(StatusCode::ACCEPTED, "text/plain", String::new()), -31012, "broken")]
#[case::json_that_dies(
    || Reply::Stream("application/json", Box::new(|mut sender| { tokio::spawn(async move {
        let _ = sender.send_data(Bytes::from_static(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"res")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        sender.abort(std::io::Error::other("died"));
    }); })),
    -31014,
    "broken"
)]
#[case::stream_that_dies(
    || Reply::Stream("text/event-stream", Box::new(|mut sender| { tokio::spawn(async move {
        let _ = sender.send_data(Bytes::from_static(b": hello\n\ndata: {\"jso")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        sender.abort(std::io::Error::other("died"));
    }); })),
    -31014,
    "broken"
)]
#[case::stream_that_ends(|| Reply::events(vec![": nothing\n\n".to_owned()]), -31014, "broken")]
#[case::stream_that_falls_silent(
    || Reply::Stream("text/event-stream", Box::new(|mut sender| { tokio::spawn(async move {
        let _ = sender.send_data(Bytes::from_static(b": hello\n\n")).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(sender);
    }); })),
    -31011,
    "timeout"
)]
#[tokio::test]
async fn upstream_that_fails_is_a_json_rpc_error_with_the_requests_id(
    #[case] reply: fn() -> Reply,
    #[case] code: i64,
    #[case] result: &str,
) {
    let upstream = upstream_with(reply).await;
    // Where nothing is waited for in vain, a busy machine is no reason to give up.
    let config = if result == "timeout" { impatient() } else { ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    assert_eq!(outcome(&world).await, (StatusCode::OK, code, result.to_owned()));
    assert_eq!(upstream.seen_of("tools/call").len(), 1, "sent once");
}

#[tokio::test]
async fn upstream_error_about_the_request_is_passed_on_as_it_came() {
    let text = r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"own words","data":{"x":1}}}"#;
    let upstream = upstream_with(|| Reply::text(StatusCode::BAD_REQUEST, "application/json", text.to_owned())).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::BAD_REQUEST, text));
}

#[tokio::test]
async fn answers_are_told_apart_in_the_log() {
    for (result, expected) in [
        (json!({ "result": { "content": [], "isError": true } }), "tool_error"),
        (json!({ "error": { "code": -32602, "message": "m" } }), "rpc_error"),
        (json!({ "result": {} }), "ok"),
    ] {
        let mut message = json!({ "jsonrpc": "2.0", "id": 7 });
        message.as_object_mut().expect("object").extend(result.as_object().expect("object").clone());
        for stream in [false, true] {
            let message = message.clone();
            let upstream = upstream_with(move || {
                if stream { Reply::events(vec![format!("data: {message}\n\n")]) } else { Reply::json(&message) }
            })
            .await;
            let world = World::start(&upstream.url(), Plan::default()).await;
            let session = world.session().await;
            assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);
            assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), expected, "{stream}");
        }
    }
}

#[tokio::test]
async fn json_above_the_bound_streams_through_whole() {
    let large = format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"text":"{}"}}}}"#, "x".repeat(3_000_000));
    let sent = large.clone();
    let upstream = upstream_with(move || Reply::text(StatusCode::OK, "application/json", sent.clone())).await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!(answer.text, large);
    assert_eq!(world.ended().await.ending.expect("ending").bytes_out, i64::try_from(large.len()).expect("small"));
}

#[tokio::test]
async fn json_above_the_bound_that_dies_cuts_the_clients_connection() {
    let upstream = upstream_with(|| {
        Reply::Stream(
            "application/json",
            Box::new(|mut sender| {
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let _ = sender.send_data(Bytes::from(vec![b' '; 16 * 1024])).await;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    sender.abort(std::io::Error::other("died"));
                });
            }),
        )
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "echo" } });
    let response = world.gateway.call(world.post_request(&session, &body)).await;
    assert!(response.into_body().collect().await.is_err());
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "broken");
}

#[tokio::test]
async fn upstream_that_cannot_be_reached_gives_everything_back_and_opens_a_circuit() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::policy(BUDGET)).await;
    let session = world.session().await;
    upstream.stop().await;
    // More calls than the limits allow: none of them keeps what it took.
    for _ in 0..6 {
        let answer = world.call_tool(&session, "refund", &json!({ "amount": 60 })).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::OK, -31010), "{}", answer.text);
    }
    let counted = world.gateway.metrics().refusals_of(world.account_id);
    assert_eq!(counted, [("circuit_open", 1), ("upstream_unreachable", 5)]);
    assert!(world.decisions().await.iter().all(|decision| decision.outcome.as_str() == "allowed"));
}

#[rstest]
#[case::refused(429, json!({}), 3)]
#[case::failed(500, json!({}), 1)]
#[case::unknown_method(200, json!({ "error": { "code": -32601, "message": "m" } }), 3)]
#[case::invalid_params(200, json!({ "error": { "code": -32602, "message": "m" } }), 1)]
#[tokio::test]
async fn amount_is_given_back_only_when_it_surely_was_not_used(
    #[case] status: u16,
    #[case] body: serde_json::Value,
    #[case] forwarded: usize,
) {
    let upstream = upstream_with(move || {
        let mut message = json!({ "jsonrpc": "2.0", "id": 7 });
        message.as_object_mut().expect("object").extend(body.as_object().expect("object").clone());
        Reply::text(StatusCode::from_u16(status).expect("status"), "application/json", message.to_string())
    })
    .await;
    let world = World::start(&upstream.url(), Plan::policy(BUDGET)).await;
    let session = world.session().await;
    for _ in 0..5 {
        world.call_tool(&session, "refund", &json!({ "amount": 60 })).await;
    }
    // What is given back lets the next call through, until the count of calls, which stays, is used up.
    assert_eq!(upstream.seen_of("tools/call").len(), forwarded);
}

#[tokio::test]
async fn credentials_never_come_down() {
    let upstream = upstream_with(|| {
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("set-cookie", "secret=1".to_owned()),
            ("www-authenticate", "Bearer".to_owned()),
            ("mcp-session-id", "up-2".to_owned()),
        ];
        Reply::Whole(StatusCode::OK, headers, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#.to_owned())
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!(answer.headers.len(), 1, "{:?}", answer.headers);
}

#[tokio::test]
async fn error_with_status_404_does_not_end_the_session() {
    let upstream = Upstream::start(|seen| {
        let error = json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "error": { "code": -32601, "message": "no" } });
        match seen.rpc().as_str() {
            "tools/call" => Some(Reply::text(StatusCode::NOT_FOUND, "text/html", error.to_string())),
            "initialize" => {
                let result = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {} });
                Some(Reply::json(&json!({ "jsonrpc": "2.0", "id": seen.body()["id"], "result": result })))
            }
            _ => None,
        }
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let answer = world.call_tool(&session, "echo", &json!({})).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::OK, -32601));
    assert_eq!(answer.headers["content-type"], "application/json");
    let ended = world.ended().await.ending.expect("ending");
    assert_eq!((ended.result.as_str(), ended.upstream_status), ("http_error", Some(404)));
}
