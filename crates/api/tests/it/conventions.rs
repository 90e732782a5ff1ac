//! What holds for all operations: keys for repetition, bounds on requests, versions.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::body::Body;
use chrono::TimeDelta;
use http::{Request, StatusCode};
use ostiary_edge::ClientAddress;
use serde_json::{Value, json};

use super::world::{Answer, Caller, World};

async fn keyed(caller: &Caller<'_>, path: &str, body: &Value, key: &str) -> Answer {
    let request = caller.request("POST", path).header("content-type", "application/json");
    let request = request.header("idempotency-key", key).body(Body::from(body.to_string())).expect("a request");
    caller.world().send(request).await
}

#[tokio::test]
async fn write_repeated_with_its_key_is_done_once_and_answered_the_same() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"label": "Agent", "bindings": [{"server_id": server}]});
    let first = keyed(&ada, "/grants", &body, "k1").await;
    let second = keyed(&ada, "/grants", &body, "k1").await;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(first.text, second.text, "the token, too");
    assert_eq!((first.status, second.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(ada.get("/grants").await.expect(StatusCode::OK)["items"].as_array().expect("items").len(), 1);
    // Another key is another grant; the same key is not for another request.
    keyed(&ada, "/grants", &body, "k2").await.expect(StatusCode::CREATED);
    let other = json!({"label": "Other", "bindings": [{"server_id": server}]});
    keyed(&ada, "/grants", &other, "k1").await.expect_problem(422, "idempotency_key_reused");
    keyed(&ada, "/api-keys", &body, "k1").await.expect_problem(422, "idempotency_key_reused");
    // Nor for another caller, who gets an answer of their own.
    let key = ada.key("admin").await;
    let by_key = keyed(&world.with_key(&key), "/grants", &body, "k1").await;
    assert!(!by_key.headers.contains_key("idempotency-replayed"));
    by_key.expect(StatusCode::CREATED);
    world.clock.advance(TimeDelta::days(1));
    let late = keyed(&ada, "/grants", &body, "k1").await;
    assert!(!late.headers.contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn write_that_was_refused_may_be_repeated_with_its_key() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let body = json!({"label": "x", "role": "viewer"});
    keyed(&ada, "/api-keys", &json!({"label": "x"}), "k").await.expect_problem(422, "invalid_input");
    keyed(&ada, "/api-keys", &body, "k").await.expect(StatusCode::CREATED);
    for key in ["", "a b", &"x".repeat(256)] {
        keyed(&ada, "/api-keys", &body, key).await.expect_errors(&[("Idempotency-Key", "invalid")]);
    }
    keyed(&world.nobody(), "/api-keys", &body, "k").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn write_repeated_while_the_first_is_under_way_is_refused_and_then_answered() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"label": "Agent", "bindings": [{"server_id": server}]});
    world.slow_down(Duration::from_millis(200));
    let (first, second) = tokio::join!(keyed(&ada, "/grants", &body, "k"), async {
        tokio::time::sleep(Duration::from_millis(60)).await;
        keyed(&ada, "/grants", &body, "k").await
    });
    assert_eq!(second.headers["retry-after"], "1");
    second.expect_problem(409, "idempotency_key_pending");
    let token = first.expect(StatusCode::CREATED)["token"].clone();
    assert_eq!(keyed(&ada, "/grants", &body, "k").await.expect(StatusCode::CREATED)["token"], token);
}

#[tokio::test]
async fn write_whose_caller_left_is_done_and_answered_to_who_comes_again() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"label": "Agent", "bindings": [{"server_id": server}]});
    world.slow_down(Duration::from_millis(150));
    let gone = tokio::time::timeout(Duration::from_millis(75), keyed(&ada, "/grants", &body, "k")).await;
    assert!(gone.is_err());
    for _ in 0..100 {
        let answer = keyed(&ada, "/grants", &body, "k").await;
        if answer.status == StatusCode::CREATED {
            assert_eq!(answer.headers["idempotency-replayed"], "true");
            return;
        }
        answer.expect_problem(409, "idempotency_key_pending");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no answer");
}

#[tokio::test]
async fn requests_above_the_bound_of_an_account_wait_and_others_do_not() {
    let world = World::with(|settings| settings.requests_per_account = 5).await;
    let (ada, bob) = (world.sign_up("ada@x.org", "A").await, world.sign_up("bob@x.org", "B").await);
    let answer = ada.get("/me").await;
    assert_eq!(answer.headers["ratelimit-policy"], "\"account\";q=5;w=60");
    assert_eq!(answer.headers["ratelimit"], "\"account\";r=4;t=12");
    let key = ada.key("viewer").await;
    for _ in 0..3 {
        world.with_key(&key).get("/me").await.expect(StatusCode::OK);
    }
    let refused = ada.get("/me").await;
    assert_eq!(refused.headers["retry-after"], "12");
    assert_eq!(refused.headers["ratelimit"], "\"account\";r=0;t=60");
    refused.expect_problem(429, "rate_limited");
    world.with_key(&key).get("/me").await.expect_problem(429, "rate_limited");
    bob.get("/me").await.expect(StatusCode::OK);
    world.clock.advance(TimeDelta::seconds(12));
    ada.get("/me").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn requests_above_the_bound_of_an_address_wait_whoever_sends_them() {
    let world = World::with(|settings| settings.requests_per_address = 3).await;
    let send = async |last| {
        let address = ClientAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
        let request = Request::get("/api/v1/me").header("authorization", "Bearer made-up").extension(address);
        world.send(request.body(Body::empty()).expect("a request")).await
    };
    for _ in 0..3 {
        send(1).await.expect_problem(401, "unauthenticated");
    }
    let refused = send(1).await;
    assert_eq!(refused.headers["ratelimit-policy"], "\"address\";q=3;w=60");
    refused.expect_problem(429, "rate_limited");
    send(2).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn change_that_starts_from_an_old_version_is_refused_everywhere() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let (path, binding) = (format!("/grants/{grant}"), format!("/grants/{grant}/bindings/{server}"));
    let seen = ada.get(&path).await.headers["etag"].to_str().expect("text").to_owned();
    let shadow = json!({"mode": "shadow"});
    let changed = ada.send("PUT", &binding, Some(&shadow), Some(&seen)).await;
    let newer = changed.headers["etag"].to_str().expect("text").to_owned();
    changed.expect(StatusCode::OK);
    let rotate = format!("{path}/rotate");
    for (method, path, body) in [
        ("PUT", binding.as_str(), Some(&shadow)),
        ("DELETE", binding.as_str(), None),
        ("PATCH", path.as_str(), Some(&json!({"label": "x"}))),
        ("POST", rotate.as_str(), Some(&json!({}))),
        ("DELETE", path.as_str(), None),
        ("DELETE", &format!("/servers/{server}"), None),
    ] {
        let tag = if path.starts_with("/servers") { "\"9\"" } else { &seen };
        ada.send(method, path, body, Some(tag)).await.expect_problem(412, "stale_version");
    }
    ada.send("DELETE", &binding, None, Some(&newer)).await.expect(StatusCode::NO_CONTENT);
}
