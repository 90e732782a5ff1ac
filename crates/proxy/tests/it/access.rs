//! Who gets in, and where.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::upstream::Upstream;
use super::world::{Plan, World};
use chrono::{TimeDelta, Utc};
use ostiary_auth::{Token, TokenKind};
use ostiary_edge::server::Peer;
use ostiary_model::{Clock, ManualClock};
use ostiary_proxy::ProxyConfig;
use ostiary_storage::{ReadGrants, Store};
use std::sync::Arc;

async fn world() -> World {
    World::start("http://127.0.0.1:9/mcp", Plan::default()).await
}

#[tokio::test]
async fn token_missing_or_bad_is_401_with_a_challenge_and_a_json_rpc_body() {
    let world = world().await;
    let unknown = Token::mint(TokenKind::Grant).reveal().to_owned();
    let key = Token::mint(TokenKind::ApiKey).reveal().to_owned();
    let mistyped = format!("{}x", &world.token[..world.token.len() - 1]);
    for (token, challenge) in [
        (None, "Bearer realm=\"ostiary\""),
        (Some("nonsense"), "Bearer realm=\"ostiary\", error=\"invalid_token\""),
        (Some(&*unknown), "Bearer realm=\"ostiary\", error=\"invalid_token\""),
        (Some(&*key), "Bearer realm=\"ostiary\", error=\"invalid_token\""),
        (Some(&*mistyped), "Bearer realm=\"ostiary\", error=\"invalid_token\""),
    ] {
        let mut request = world.request("POST", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        request.headers_mut().remove("authorization");
        if let Some(token) = token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("header"));
        }
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, -31002), "{challenge}");
        assert_eq!(answer.headers["www-authenticate"], challenge);
        assert!(token.is_none_or(|token| !answer.text.contains(token)));
    }
}

#[tokio::test]
async fn token_guessed_too_often_at_an_account_waits_and_a_good_one_does_not() {
    let clock = Arc::new(ManualClock::new(Utc::now()));
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan { clock: Arc::clone(&clock) as _, ..Plan::default() }).await;
    let session = world.session().await;
    let guess = async |path: &str, peer: u8| {
        let mut request = world.request("POST", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        let token = Token::mint(TokenKind::Grant).reveal().to_owned();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("header"));
        request.extensions_mut().insert(Peer(([192, 0, 2, peer], 4711).into()));
        *request.uri_mut() = path.parse().expect("path");
        world.send(request).await
    };
    for peer in 0..120 {
        assert_eq!(guess("/mcp/acme/pay", peer).await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = guess("/mcp/acme/other", 200).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, -31006), "{}", refused.text);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(guess("/mcp/elsewhere/pay", 201).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);

    // One address, at as many accounts as it likes.
    for number in 0..59 {
        assert_eq!(guess(&format!("/mcp/account-{number}"), 201).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guess("/mcp/last", 201).await.status, StatusCode::TOO_MANY_REQUESTS);
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(guess("/mcp/last", 201).await.status, StatusCode::UNAUTHORIZED);

    // A token that was good once is no guess.
    world.revoke().await;
    for _ in 0..200 {
        assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn endpoint_that_does_not_exist_or_is_not_bound_is_the_same_404() {
    let world = world().await;
    let mut answers = Vec::new();
    for path in ["/mcp/acme/none", "/mcp/none/pay", "/mcp/none/none", "/mcp/none", "/mcp", "/mcp/acme/pay/more"] {
        let mut request = world.request("POST", "{}");
        *request.uri_mut() = path.parse().expect("path");
        let answer = world.send(request).await;
        answers.push((answer.status, answer.text));
    }
    assert!(answers.iter().all(|answer| answer.0 == StatusCode::NOT_FOUND && *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn trailing_slash_makes_no_difference() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut request = world.post_request(&session, &json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    *request.uri_mut() = "/mcp/acme/pay/".parse().expect("path");
    assert_eq!(world.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn revocation_is_in_force_for_the_next_call() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);
    world.revoke().await;
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(upstream.seen_of("tools/call").len(), 1);
}

#[tokio::test]
async fn unbinding_is_in_force_for_the_next_call() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.delete_binding(world.account_id, world.grant_id, world.server_id).await.expect("unbind");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.epochs.advance(world.account_id);
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn expiry_needs_nobody_to_act() {
    let clock = Arc::new(ManualClock::new(Utc::now()));
    let plan = Plan { clock: Arc::clone(&clock) as _, ..Plan::default() };
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), plan).await;
    let mut grant = world.store.get_grant(world.account_id, world.grant_id).await.expect("read").expect("grant");
    grant.expires_at = Some(clock.now() + TimeDelta::hours(1));
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.update_grant(&grant).await.expect("update");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.epochs.advance(world.account_id);
    let session = world.session().await;
    clock.advance(TimeDelta::minutes(59));
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn last_use_of_a_grant_is_written_at_the_latest_at_shutdown() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let writing = tokio::spawn(world.gateway.clone().write_uses());
    world.session().await;
    world.shutdown.cancel();
    writing.await.expect("written");
    let grant = world.store.get_grant(world.account_id, world.grant_id).await.expect("read").expect("grant");
    assert!(grant.last_used_at.is_some());
}

#[tokio::test]
async fn rotated_token_works_until_its_overlap_ends() {
    let clock = Arc::new(ManualClock::new(Utc::now()));
    let plan = Plan { clock: Arc::clone(&clock) as _, ..Plan::default() };
    let upstream = Upstream::ordinary().await;
    let mut world = World::start(&upstream.url(), plan).await;
    let session = world.session().await;
    let new = Token::mint(TokenKind::Grant);
    let until = clock.now() + TimeDelta::minutes(5);
    let mut transaction = world.store.begin().await.expect("begin");
    let rotated =
        transaction.rotate_token(world.account_id, world.grant_id, new.hash().as_bytes(), &new.hint(), until).await;
    rotated.expect("rotate");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    world.epochs.advance(world.account_id);
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);
    clock.advance(TimeDelta::minutes(5));
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::UNAUTHORIZED);
    world.token = new.reveal().to_owned();
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn method_that_is_not_served_is_405_and_names_those_that_are() {
    let answer = {
        let world = world().await;
        world.send(world.request("PUT", "{}")).await
    };
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers["allow"], "POST, GET, DELETE");
    assert_eq!(answer.code(), -32600);
}

#[tokio::test]
async fn origin_and_host_of_others_are_403() {
    let config = ProxyConfig {
        listens_on_loopback: true,
        public_host: Some("gate.example".to_owned()),
        allowed_origins: vec!["https://ok.example".to_owned()],
        ..ProxyConfig::default()
    };
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    for (name, value, status) in [
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("host", "evil.example:8080", StatusCode::FORBIDDEN),
        ("origin", "https://ok.example", StatusCode::OK),
        ("host", "localhost:8080", StatusCode::OK),
        ("host", "gate.example.evil.example", StatusCode::FORBIDDEN),
        ("host", "Gate.Example:443", StatusCode::OK),
        ("host", "gate.example", StatusCode::OK),
    ] {
        let session = world.session().await;
        let mut request = world.post_request(&session, &json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
        request.headers_mut().insert(name, value.parse().expect("header"));
        assert_eq!(world.send(request).await.status, status, "{name}: {value}");
    }
}

#[tokio::test]
async fn sessions_and_calls_beyond_their_bounds_are_429() {
    let config = ProxyConfig { sessions_per_minute: 2, ..ProxyConfig::default() };
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    world.session().await;
    world.session().await;
    let answer = world.initialize("2025-11-25").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, -31006));
    assert!(answer.headers.contains_key("retry-after"));

    let config = ProxyConfig { calls_per_account: 0, call_wait: Duration::from_millis(20), ..ProxyConfig::default() };
    let world = World::start(&upstream.url(), Plan { config, ..Plan::default() }).await;
    assert_eq!(world.initialize("2025-11-25").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.gateway.metrics().refusals_of(world.account_id), [("too_many_calls", 1)]);
}

#[tokio::test]
async fn call_that_overlaps_the_deletion_of_its_server_is_the_same_404_as_after_it() {
    let upstream = Upstream::ordinary().await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    // The grant is read, and the inventory is not.
    let session = world.session().await;
    let mut transaction = world.store.begin().await.expect("begin");
    transaction.delete_server(world.account_id, world.server_id).await.expect("delete");
    transaction.commit(ostiary_storage::Unrecorded::Fixture.into()).await.expect("commit");
    // Committed, and not acknowledged yet: the epoch is the old one.
    for method in ["tools/call", "tools/list"] {
        let body =
            json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": { "name": "echo", "arguments": {} } });
        assert_eq!(world.post(&session, &body).await.status, StatusCode::NOT_FOUND, "{method}");
    }
    world.epochs.advance(world.account_id);
    assert_eq!(world.call_tool(&session, "echo", &json!({})).await.status, StatusCode::NOT_FOUND);
    assert!(upstream.seen_of("tools/call").is_empty());
    assert!(world.decisions().await.is_empty());
}
