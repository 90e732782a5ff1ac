//! Bodies that are no messages, or not ones that are taken.

use http::StatusCode;
use ostiary_proxy::ProxyConfig;
use serde_json::json;

use super::upstream::Upstream;
use super::world::{Plan, World};

#[tokio::test]
async fn body_that_is_no_message_is_400_with_a_reason() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":{}{}}}}}"#, "[".repeat(99), "]".repeat(99));
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("null", -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[]}}"#, -32602),
        (&*deep, -32600),
    ] {
        let mut request = world.request("POST", body.to_owned());
        request.headers_mut().insert("mcp-session-id", session.parse().expect("header"));
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code), "{body}");
    }
    assert_eq!(upstream.seen().len(), 1, "only `initialize` went up");
    assert!(world.decisions().await.is_empty());
}

#[tokio::test]
async fn body_above_the_bound_is_413_with_and_without_a_length() {
    let config = ProxyConfig { body_max_bytes: 100, ..ProxyConfig::default() };
    let world = World::start("http://127.0.0.1:9/mcp", Plan { config, ..Plan::default() }).await;
    for announced in [false, true] {
        let mut request = world.request("POST", "x".repeat(101));
        if announced {
            request.headers_mut().insert("content-length", 101.into());
        }
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::PAYLOAD_TOO_LARGE, -31005));
    }
}

#[tokio::test]
async fn body_of_another_type_or_a_client_that_takes_no_answer_is_refused() {
    let world = World::start("http://127.0.0.1:9/mcp", Plan::default()).await;
    for (name, value, status) in [
        ("content-type", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("content-encoding", "gzip", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("accept", "text/html", StatusCode::NOT_ACCEPTABLE),
        ("accept", "application/json", StatusCode::NOT_ACCEPTABLE),
    ] {
        let mut request = world.request("POST", "{}");
        request.headers_mut().insert(name, value.parse().expect("header"));
        assert_eq!(world.send(request).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn method_that_nobody_knows_or_carries_is_an_error_in_a_200() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    for method in ["tools/execute", "tasks/list", "subscriptions/listen", "notifications/progress"] {
        let answer = world.post(&session, &json!({ "jsonrpc": "2.0", "id": 4, "method": method })).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::OK, -32601), "{method}");
        assert_eq!(answer.json()["id"], 4);
    }
    let params = json!({ "name": "echo", "arguments": {}, "task": {} });
    let task =
        world.post(&session, &json!({ "jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": params })).await;
    assert_eq!((task.status, task.code()), (StatusCode::OK, -32602));
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn call_without_an_id_does_not_reach_the_upstream() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let params = json!({ "name": "echo", "arguments": {} });
    let answer = world.post(&session, &json!({ "jsonrpc": "2.0", "method": "tools/call", "params": params })).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, -32600));
    let own = world.post(&session, &json!({ "jsonrpc": "2.0", "method": "notifications/own" })).await;
    assert_eq!(own.status, StatusCode::ACCEPTED, "an unknown notification is taken, and goes nowhere");
    assert_eq!(upstream.seen().len(), 1);
}
