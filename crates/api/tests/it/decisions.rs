//! The log.

use std::time::Duration;

use axum::body::Body;
use chrono::TimeDelta;
use http::StatusCode;
use http_body_util::BodyExt;
use ostiary_model::decision::{Ending, EndingResult, Outcome};
use ostiary_storage::{DecisionLog, LogBatch};
use serde_json::json;

use super::world::{World, decision};

#[tokio::test]
async fn decisions_are_listed_filtered_and_paged() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    for index in 0..5 {
        world.clock.advance(TimeDelta::seconds(1));
        let mut record = decision(account_id, &server, &grant, &format!("tool_{index}"), &world.clock);
        record.outcome = if index == 3 { Outcome::Denied } else { Outcome::Allowed };
        world.record(record).await;
    }
    let first = ada.get("/decisions?limit=3").await.expect(StatusCode::OK);
    let targets = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["target"].as_str().expect("a target").to_owned()).collect()
    };
    assert_eq!(targets(&first), ["tool_4", "tool_3", "tool_2"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = ada.get(&format!("/decisions?limit=3&cursor={cursor}")).await.expect(StatusCode::OK);
    assert_eq!(
        (targets(&second), &second["next_cursor"]),
        (vec!["tool_1".to_owned(), "tool_0".to_owned()], &json!(null))
    );
    let denied = ada.get(&format!("/decisions?outcome=denied&grant_id={grant}")).await.expect(StatusCode::OK);
    assert_eq!(targets(&denied), ["tool_3"]);
    let id = denied["items"][0]["id"].as_str().expect("an id");
    assert_eq!(ada.get(&format!("/decisions/{id}")).await.expect(StatusCode::OK)["target"], "tool_3");

    world.clock.advance(TimeDelta::seconds(1));
    let export = ada.get("/decisions/export?outcome=allowed").await;
    assert_eq!(export.headers["content-type"], "application/jsonl");
    assert_eq!(export.text.lines().count(), 4);
    let export = ada.get("/decisions/export?format=csv").await;
    assert_eq!(export.text.lines().count(), 6);
    assert!(export.text.contains("\"'=client\""), "a formula is defused: {}", export.text);
    ada.get("/decisions/export?format=xml").await.expect_errors(&[("?format", "invalid")]);
}

#[tokio::test]
async fn stream_sends_new_decisions_and_sends_them_again_when_they_end() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    world.record(decision(account_id, &server, &grant, "before", &world.clock)).await;
    let request = ada.request("GET", "/decisions/stream").body(Body::empty()).expect("a request");
    let response = world.open(request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();

    let record = decision(account_id, &server, &grant, "after", &world.clock);
    let id = record.id;
    world.record(record).await;
    let event = next_event(&mut body).await;
    assert!(event.contains("event: decision") && event.contains(&format!("id: {id}")), "{event}");
    assert!(event.contains("\"ending\":null") && event.contains("\"target\":\"after\""), "{event}");

    let ending = Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 1, upstream_ms: 2 };
    let batch = LogBatch { endings: vec![(account_id, id, ending)], ..LogBatch::default() };
    world.store.commit(&batch).await.expect("recorded");
    let event = next_event(&mut body).await;
    assert!(event.contains(&id.to_string()) && event.contains("\"result\":\"ok\""), "{event}");
}

#[tokio::test]
async fn stream_sends_nothing_after_its_key_is_revoked() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let key = ada.post("/api-keys", &json!({"label": "K", "role": "viewer"})).await.expect(StatusCode::CREATED);
    let caller = world.with_key(key["key"].as_str().expect("a key"));
    let request = caller.request("GET", "/decisions/stream").body(Body::empty()).expect("a request");
    let mut body = world.open(request).await.into_body();
    let id = key["api_key"]["id"].as_str().expect("an id");
    ada.delete(&format!("/api-keys/{id}")).await.expect(StatusCode::NO_CONTENT);
    world.record(decision(account_id, &server, &grant, "after", &world.clock)).await;
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("in time");
    assert!(frame.is_none(), "{frame:?}");
}

async fn next_event(body: &mut Body) -> String {
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("in time");
    let data = frame.expect("a frame").expect("no error").into_data().expect("data");
    String::from_utf8(data.to_vec()).expect("UTF-8")
}
