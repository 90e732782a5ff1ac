//! Servers that hang, die, redirect or talk nonsense.

use std::time::{Duration, Instant};

use ostiary_testkit::{Fault, TestGateway, TestUpstream, wait_until};
use serde_json::{Value, json};

use crate::documents;

async fn call(session: &ostiary_testkit::McpSession) -> Value {
    session.request("tools/call", &json!({"name": "echo", "arguments": {}})).await
}

#[tokio::test]
async fn failure_of_the_upstream_is_a_clear_error_and_ends_the_record() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::builder().set("upstream.first_byte_timeout_ms", "300").start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    for (fault, ending) in [
        (Fault::Hang, &["timeout"][..]),
        (Fault::Status500, &["http_error"]),
        (Fault::Status401, &["http_error"]),
        (Fault::Redirect, &["http_error"]),
        (Fault::Garbage, &["broken", "http_error", "ok"]),
    ] {
        upstream.set_fault(fault);
        let began = Instant::now();
        let body =
            json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "echo", "arguments": {}}});
        let response = session.post(&body.to_string()).await.unwrap();
        assert_ne!(response.status(), 401, "{fault:?}: a client would start to authenticate at the gateway");
        assert!(!response.status().is_redirection());
        assert!(began.elapsed() < Duration::from_secs(10), "{fault:?}");
        let text = response.text().await.unwrap_or_default();
        assert!(!text.contains("secret-upstream-detail") && !text.contains(upstream.url()), "{fault:?}: {text}");
        if fault != Fault::Garbage {
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(answer["id"], 7, "{fault:?}: {answer:#}");
            assert!(answer["error"]["code"].is_i64(), "{fault:?}: {answer:#}");
        }
        let newest = wait_until("the record has its end", async || {
            let newest = tenant.decisions().await.into_iter().find(|decision| decision["target"] == "echo")?;
            (!newest["ending"].is_null()).then_some(newest)
        })
        .await;
        let result = newest["ending"]["result"].as_str().unwrap();
        assert!(ending.contains(&result), "{fault:?}: {result}");
    }
    upstream.set_fault(Fault::None);
    wait_until("the upstream is tried again", async || call(&session).await.get("result").cloned()).await;
}

#[tokio::test]
async fn stream_that_dies_is_not_taken_for_whole() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    upstream.set_fault(Fault::DiesMidStream);
    let answer = session.try_request("tools/call", &json!({"name": "echo", "arguments": {}})).await;
    assert!(
        answer.is_none_or(|answer| answer["result"].is_null()),
        "there is no result that the upstream did not send"
    );
    let newest = wait_until("the record has its end", async || {
        let newest = tenant.decisions().await.into_iter().find(|decision| decision["target"] == "echo")?;
        (!newest["ending"].is_null()).then_some(newest)
    })
    .await;
    assert_eq!(newest["ending"]["result"], "broken");
    upstream.set_fault(Fault::None);
    assert!(call(&session).await["result"].is_object(), "the next call is not harmed");
}

#[tokio::test]
async fn dead_server_does_not_slow_another() {
    let (dead, alive) = (TestUpstream::start().await, TestUpstream::start().await);
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let dead_server = tenant.server("dead", dead.url()).await;
    let alive_server = tenant.server("alive", alive.url()).await;
    let dead_policy = tenant.policy(&dead_server, "all", &documents::allow_all()).await;
    let alive_policy = tenant.policy(&alive_server, "all", &documents::allow_all()).await;
    let waiting = tenant.grant("waiting", &dead_server, &dead_policy).await.connect().await;
    let session = tenant.grant("working", &alive_server, &alive_policy).await.connect().await;
    dead.set_fault(Fault::Hang);
    let hanging: Vec<_> = (0..20)
        .map(|_| {
            let waiting = waiting.clone();
            tokio::spawn(
                async move { waiting.try_request("tools/call", &json!({"name": "echo", "arguments": {}})).await },
            )
        })
        .collect();
    wait_until("the calls hang", async || (dead.calls() == 20).then_some(())).await;
    let began = Instant::now();
    for _ in 0..20 {
        assert!(call(&session).await["result"].is_object());
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    hanging.iter().for_each(tokio::task::JoinHandle::abort);
}
