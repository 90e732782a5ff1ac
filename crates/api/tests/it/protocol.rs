//! What every request meets: bodies, methods, paths, other sites.

use axum::body::Body;
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, ORIGIN};

use super::world::World;

#[tokio::test]
async fn body_that_is_not_json_is_refused() {
    let world = World::new().await;
    for (content_type, body, status, code) in [
        ("application/json", "{", 400, "invalid_json"),
        ("application/json", "{\"email\": 1} x", 400, "invalid_json"),
        ("text/plain", "{}", 415, "unsupported_media_type"),
        ("application/json; charset=utf-8", "[]", 422, "invalid_input"),
    ] {
        let request = world.nobody().request("POST", "/auth/sign-in").header(CONTENT_TYPE, content_type);
        let answer = world.send(request.body(Body::from(body)).expect("a request")).await;
        answer.expect_problem(status, code);
    }
}

#[tokio::test]
async fn body_above_the_bound_is_refused() {
    let world = World::new().await;
    let body = format!("{{\"email\": \"{}\"}}", "x".repeat(1024 * 1024));
    let request = world.nobody().request("POST", "/auth/sign-in").header(CONTENT_TYPE, "application/json");
    world.send(request.body(Body::from(body)).expect("a request")).await.expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn body_with_a_member_twice_is_refused() {
    let world = World::new().await;
    let request = world.nobody().request("POST", "/auth/sign-in").header(CONTENT_TYPE, "application/json");
    let body = r#"{"email": "a", "password": "b", "email": "c"}"#;
    let answer = world.send(request.body(Body::from(body)).expect("a request")).await;
    answer.expect_errors(&[("/email", "duplicate_member")]);
}

#[tokio::test]
async fn path_or_method_that_is_not_there_is_a_problem() {
    let world = World::new().await;
    world.nobody().get("/nothing").await.expect_problem(404, "not_found");
    let answer = world.nobody().delete("/me").await;
    assert_eq!(answer.headers[ALLOW], "GET,HEAD");
    answer.expect_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn request_of_another_site_is_refused_unless_it_brings_its_own_key() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = ada.request("PATCH", "/account").header(name, value).header("host", "127.0.0.1:8080");
        let request = request.header(CONTENT_TYPE, "application/json").body(Body::from("{}")).expect("a request");
        world.send(request).await.expect_problem(403, "cross_site");
    }
    let key = ada.key("owner").await;
    let request = world.with_key(&key).request("PATCH", "/account").header(ORIGIN, "https://app.example");
    let request = request.header(CONTENT_TYPE, "application/json").body(Body::from("{}")).expect("a request");
    assert_eq!(world.send(request).await.status, 200);
    // A bad key is not made good by the cookie beside it.
    let request = ada.request("GET", "/me").header(AUTHORIZATION, "Bearer nothing").body(Body::empty());
    world.send(request.expect("a request")).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn query_with_several_failures_reports_all_of_them() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let path = "/decisions?limit=0&cursor=x&outcome=maybe&since=yesterday&what=1&code=a&code=b";
    ada.get(path).await.expect_errors(&[
        ("?limit", "out_of_range"),
        ("?cursor", "invalid"),
        ("?outcome", "invalid"),
        ("?since", "invalid"),
        ("?what", "unknown_parameter"),
        ("?code", "duplicate_parameter"),
    ]);
}
