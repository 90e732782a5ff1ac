//! What holds for all operations: keys for repetition, bounds on requests, versions.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::body::Body;
use chrono::TimeDelta;
use http::{Request, StatusCode};
use ostiary_edge::ClientAddress;
use serde_json::{Value, json};

use super::world::{Answer, Caller, URL, World};

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
async fn write_that_failed_before_anything_was_stored_may_be_repeated_with_its_key() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"label": "Agent", "bindings": [{"server_id": server}]});
    world.refuse_changes(true);
    keyed(&ada, "/grants", &body, "k").await.expect_problem(503, "unavailable");
    world.refuse_changes(false);
    let again = keyed(&ada, "/grants", &body, "k").await;
    assert!(!again.headers.contains_key("idempotency-replayed"));
    again.expect(StatusCode::CREATED);
    assert_eq!(ada.get("/grants").await.expect(StatusCode::OK)["items"].as_array().expect("items").len(), 1);
}

#[tokio::test]
async fn write_that_failed_after_it_was_stored_is_not_done_again() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"label": "Agent", "bindings": [{"server_id": server}]});
    world.ignore_changes(true);
    keyed(&ada, "/grants", &body, "k").await.expect_problem(503, "unavailable");
    world.ignore_changes(false);
    for _ in 0..2 {
        keyed(&ada, "/grants", &body, "k").await.expect_problem(409, "idempotency_key_unanswered");
        world.clock.advance(TimeDelta::minutes(2));
    }
    assert_eq!(ada.get("/grants").await.expect(StatusCode::OK)["items"].as_array().expect("items").len(), 1);
}

/// As it is when the process of the first request died; here that one is only slow, and finds out.
#[tokio::test]
async fn write_whose_request_is_taken_for_gone_is_done_by_the_repetition_and_once() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let body = json!({"name": "Slow", "url": URL});
    let paused = world.servers.pause().await;
    let (first, second) = tokio::join!(keyed(&ada, "/servers", &body, "k"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        keyed(&ada, "/servers", &body, "k").await.expect_problem(409, "idempotency_key_pending");
        world.clock.advance(TimeDelta::seconds(61));
        let release = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            drop(paused);
        };
        tokio::join!(keyed(&ada, "/servers", &body, "k"), release).0
    });
    first.expect_problem(409, "idempotency_key_pending");
    let made = second.expect(StatusCode::CREATED);
    assert_eq!(keyed(&ada, "/servers", &body, "k").await.expect(StatusCode::CREATED), made);
    assert_eq!(ada.get("/servers").await.expect(StatusCode::OK)["items"].as_array().expect("items").len(), 1);
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
async fn key_guessed_too_often_from_an_address_waits_and_a_good_one_from_there_does_not() {
    let world = World::new().await;
    let key = world.sign_up("ada@x.org", "A").await.key("viewer").await;
    let address = ClientAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let send = async |token: &str| {
        let request = Request::get("/api/v1/me").header("authorization", format!("Bearer {token}"));
        world.send(request.extension(address).body(Body::empty()).expect("a request")).await
    };
    for _ in 0..60 {
        send("made-up").await.expect_problem(401, "unauthenticated");
    }
    let refused = send("made-up").await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.expect_problem(429, "rate_limited");
    send(&key).await.expect(StatusCode::OK);
    world.clock.advance(TimeDelta::seconds(1));
    send("made-up").await.expect_problem(401, "unauthenticated");
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
