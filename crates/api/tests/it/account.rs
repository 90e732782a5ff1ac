//! Signing up, in and out; the account.

use chrono::TimeDelta;
use http::{StatusCode, header};
use serde_json::json;

use super::world::{PASSWORD, World};

#[tokio::test]
async fn sign_up_makes_an_account_and_signs_in() {
    let world = World::new().await;
    let ada = world.sign_up("Ada@Example.com", "Acme Inc.").await;
    let me = ada.get("/me").await.expect(StatusCode::OK);
    assert_eq!(me["user"]["email"], "ada@example.com");
    assert_eq!(me["account"]["slug"], "acme-inc");
    assert_eq!(me["account"]["gateway_url"], "http://127.0.0.1:8080/mcp/acme-inc");
    assert_eq!((&me["role"], &me["api_key"]), (&json!("owner"), &json!(null)));
}

#[tokio::test]
async fn sign_up_with_a_taken_name_gets_another_slug() {
    let world = World::new().await;
    for (email, slug) in [("a@x.org", "acme"), ("b@x.org", "acme-2"), ("c@x.org", "acme-3")] {
        let account = world.sign_up(email, "Acme").await.get("/account").await.expect(StatusCode::OK);
        assert_eq!(account["slug"], slug);
    }
    let account = world.sign_up("d@x.org", "日本").await.get("/account").await.expect(StatusCode::OK);
    assert_eq!(account["slug"], "account");
}

#[tokio::test]
async fn sign_up_with_bad_data_says_everything_that_is_wrong() {
    let world = World::new().await;
    let body = json!({"email": "nobody", "password": "short", "account_name": " ", "extra": 1});
    world.nobody().post("/auth/sign-up", &body).await.expect_errors(&[
        ("/email", "invalid"),
        ("/password", "too_short"),
        ("/account_name", "invalid"),
        ("/extra", "unknown_member"),
    ]);
    let body = json!({"email": "a@x.org", "password": "password1234", "account_name": "A"});
    world.nobody().post("/auth/sign-up", &body).await.expect_errors(&[("/password", "too_common")]);
    world.sign_up("a@x.org", "A").await;
    let body = json!({"email": "A@x.org", "password": PASSWORD, "account_name": "B"});
    world.nobody().post("/auth/sign-up", &body).await.expect_errors(&[("/email", "email_taken")]);
}

#[tokio::test]
async fn sign_in_with_the_password_works_and_with_another_does_not() {
    let world = World::new().await;
    world.sign_up("a@x.org", "A").await;
    let right = world.nobody().post("/auth/sign-in", &json!({"email": "A@x.org", "password": PASSWORD})).await;
    let cookie = right.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    right.expect(StatusCode::OK);
    for email in ["a@x.org", "unknown@x.org", "no address"] {
        let wrong = world.nobody().post("/auth/sign-in", &json!({"email": email, "password": "another one"})).await;
        wrong.expect_problem(401, "wrong_credentials");
    }
}

#[tokio::test]
async fn sign_in_after_many_failures_has_to_wait() {
    let world = World::new().await;
    world.sign_up("a@x.org", "A").await;
    for email in ["a@x.org", "unknown@x.org"] {
        let wrong = json!({"email": email, "password": "wrong"});
        for _ in 0..10 {
            world.nobody().post("/auth/sign-in", &wrong).await.expect_problem(401, "wrong_credentials");
        }
        let answer = world.nobody().post("/auth/sign-in", &wrong).await;
        assert_eq!(answer.headers[header::RETRY_AFTER], "60");
        answer.expect_problem(429, "rate_limited");
    }
    // One more each minute, and the right one counts for nothing.
    let right = json!({"email": "a@x.org", "password": PASSWORD});
    world.nobody().post("/auth/sign-in", &right).await.expect_problem(429, "rate_limited");
    world.clock.advance(TimeDelta::minutes(1));
    for _ in 0..5 {
        world.nobody().post("/auth/sign-in", &right).await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn sign_in_in_a_known_browser_is_not_held_back_by_guesses_elsewhere() {
    let world = World::new().await;
    let body = json!({"email": "a@x.org", "password": PASSWORD, "account_name": "A"});
    let signed_up = world.nobody().post("/auth/sign-up", &body).await;
    let cookies = signed_up.headers.get_all(header::SET_COOKIE).iter();
    let device = cookies.filter_map(|value| value.to_str().ok()).find(|text| text.starts_with("ostiary_device="));
    let device = device.expect("a device").split(';').next().expect("a pair").to_owned();
    let wrong = json!({"email": "a@x.org", "password": "wrong"});
    for _ in 0..10 {
        world.nobody().post("/auth/sign-in", &wrong).await.expect_problem(401, "wrong_credentials");
    }
    let right = json!({"email": "a@x.org", "password": PASSWORD});
    world.nobody().post("/auth/sign-in", &right).await.expect_problem(429, "rate_limited");
    world.with_cookie(&device).post("/auth/sign-in", &right).await.expect(StatusCode::OK);
    // It has a bound of its own, and is nothing for another user.
    for _ in 0..10 {
        world.with_cookie(&device).post("/auth/sign-in", &wrong).await.expect_problem(401, "wrong_credentials");
    }
    world.with_cookie(&device).post("/auth/sign-in", &wrong).await.expect_problem(429, "rate_limited");
    world.sign_up("b@x.org", "B").await;
    let other = json!({"email": "b@x.org", "password": "wrong"});
    for _ in 0..10 {
        world.nobody().post("/auth/sign-in", &other).await.expect_problem(401, "wrong_credentials");
    }
    world.with_cookie(&device).post("/auth/sign-in", &other).await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn sign_out_ends_the_session_for_every_copy_of_the_cookie() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let answer = ada.send("POST", "/auth/sign-out", None, None).await;
    assert!(answer.headers[header::SET_COOKIE].to_str().expect("text").contains("Max-Age=0"));
    answer.expect(StatusCode::NO_CONTENT);
    ada.get("/me").await.expect_problem(401, "unauthenticated");
    world.nobody().send("POST", "/auth/sign-out", None, None).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn session_whose_time_is_over_is_nobody() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    world.clock.advance(TimeDelta::days(7));
    ada.get("/me").await.expect_problem(401, "unauthenticated");
    world.with_cookie("ostiary_session=forged").get("/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn account_is_renamed() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let account = ada.patch("/account", &json!({"name": " New "})).await.expect(StatusCode::OK);
    assert_eq!((&account["name"], &account["slug"]), (&json!("New"), &json!("a")));
    ada.patch("/account", &json!({"name": ""})).await.expect_errors(&[("/name", "invalid")]);
}

#[tokio::test]
async fn api_key_works_until_it_expires_or_is_revoked() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let expires_at = ostiary_model::Clock::now(&*world.clock) + TimeDelta::hours(1);
    let body = json!({"label": "CI", "role": "viewer", "expires_at": expires_at});
    let minted = ada.post("/api-keys", &body).await.expect(StatusCode::CREATED);
    let key = minted["key"].as_str().expect("a key");
    assert!(key.starts_with("ost_key_") && key.ends_with(minted["api_key"]["hint"].as_str().expect("a hint")));
    let me = world.with_key(key).get("/me").await.expect(StatusCode::OK);
    assert_eq!((&me["role"], &me["user"], &me["api_key"]["label"]), (&json!("viewer"), &json!(null), &json!("CI")));
    let listed = ada.get("/api-keys").await;
    assert!(!listed.text.contains(key));
    assert_ne!(listed.expect(StatusCode::OK)["items"][0]["last_used_at"], json!(null));
    world.clock.advance(TimeDelta::hours(1));
    world.with_key(key).get("/me").await.expect_problem(401, "unauthenticated");

    let key = ada.key("admin").await;
    let id = ada.get("/api-keys").await.expect(StatusCode::OK)["items"][0]["id"].as_str().expect("an id").to_owned();
    ada.delete(&format!("/api-keys/{id}")).await.expect(StatusCode::NO_CONTENT);
    world.with_key(&key).get("/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn api_key_never_gets_more_than_its_maker_has() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let admin = ada.key("admin").await;
    let body = json!({"label": "x", "role": "owner"});
    world.with_key(&admin).post("/api-keys", &body).await.expect_errors(&[("/role", "role_above_own")]);
    let body = json!({"label": "x", "role": "viewer", "expires_at": "2001-01-01T00:00:00Z"});
    ada.post("/api-keys", &body).await.expect_errors(&[("/expires_at", "in_the_past")]);
}
