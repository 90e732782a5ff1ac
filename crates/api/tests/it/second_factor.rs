//! The second factor: codes of an app, and codes to fall back on.

use chrono::TimeDelta;
use http::StatusCode;
use ostiary_auth::TotpSecret;
use ostiary_model::Clock as _;
use serde_json::{Value, json};

use super::world::{Answer, Caller, PASSWORD, World};

/// The app of a test: what it was given, and the codes it shows.
struct App(TotpSecret);

impl App {
    fn new(setup: &Value) -> Self {
        Self(TotpSecret::from_base32(setup["secret"].as_str().expect("a secret")).expect("a secret"))
    }

    fn code(&self, world: &World) -> String {
        self.0.code(world.clock.now().timestamp())
    }
}

async fn enable(world: &World, caller: &Caller<'_>) -> (App, Vec<String>) {
    let setup = caller.post("/second-factor/totp", &json!({"password": PASSWORD})).await.expect(StatusCode::OK);
    let app = App::new(&setup);
    let body = json!({"code": app.code(world)});
    let codes = caller.post("/second-factor/totp/confirm", &body).await.expect(StatusCode::OK);
    let codes = codes["recovery_codes"].as_array().expect("codes").iter();
    (app, codes.map(|code| code.as_str().expect("a code").to_owned()).collect())
}

async fn first_step(world: &World) -> String {
    let body = json!({"email": "ada@x.org", "password": PASSWORD});
    let answer = world.nobody().post("/auth/sign-in", &body).await;
    assert!(!answer.headers.contains_key("set-cookie"));
    answer.expect(StatusCode::ACCEPTED)["token"].as_str().expect("a token").to_owned()
}

async fn second_step(world: &World, token: &str, code: &str) -> Answer {
    world.nobody().post("/auth/second-factor", &json!({"token": token, "code": code})).await
}

#[tokio::test]
async fn sign_in_with_a_second_factor_takes_a_code_once() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let (app, codes) = enable(&world, &ada).await;
    assert_eq!(codes.len(), 10);
    let state = ada.get("/second-factor").await.expect(StatusCode::OK);
    let expected = json!({
        "is_enabled": true, "has_app": true, "passkeys": [], "can_have_passkeys": false, "recovery_codes_left": 10
    });
    assert_eq!(state, expected);

    let token = first_step(&world).await;
    // The code that confirmed the app was taken already.
    let wrong = [("/code", "wrong_code")];
    second_step(&world, &token, &app.code(&world)).await.expect_errors(&wrong);
    world.clock.advance(TimeDelta::seconds(30));
    let code = app.code(&world);
    let answer = second_step(&world, &token, &code).await;
    let cookie = answer.cookie();
    answer.expect(StatusCode::OK);
    world.with_cookie(&cookie).get("/me").await.expect(StatusCode::OK);
    second_step(&world, &token, &code).await.expect_errors(&wrong);
    second_step(&world, "forged", &code).await.expect_problem(401, "wrong_credentials");
    world.clock.advance(TimeDelta::minutes(5));
    second_step(&world, &token, &app.code(&world)).await.expect_problem(401, "wrong_credentials");
}

#[tokio::test]
async fn recovery_code_stands_in_for_the_app_once() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let (_, codes) = enable(&world, &ada).await;
    let token = first_step(&world).await;
    let typed = codes[0].to_uppercase().replace('-', " ");
    second_step(&world, &token, &typed).await.expect(StatusCode::OK);
    second_step(&world, &token, &codes[0]).await.expect_errors(&[("/code", "wrong_code")]);
    assert_eq!(ada.get("/second-factor").await.expect(StatusCode::OK)["recovery_codes_left"], 9);
    let body = json!({"password": PASSWORD});
    let new = ada.post("/second-factor/recovery-codes", &body).await.expect(StatusCode::OK);
    assert_ne!(new["recovery_codes"][0], json!(codes[1]));
    second_step(&world, &token, &codes[1]).await.expect_errors(&[("/code", "wrong_code")]);
    let events = ada.get("/audit-events").await.expect(StatusCode::OK).to_string();
    assert!(events.contains("recovery_code_used") && !events.contains(&codes[0]), "{events}");
}

#[tokio::test]
async fn second_factor_is_not_guessed() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let (app, _) = enable(&world, &ada).await;
    world.clock.advance(TimeDelta::seconds(30));
    let token = first_step(&world).await;
    for _ in 0..5 {
        second_step(&world, &token, "abcdef").await.expect_errors(&[("/code", "wrong_code")]);
    }
    second_step(&world, &token, &app.code(&world)).await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn second_factor_is_changed_with_the_password_only() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let wrong = json!({"password": "wrong"});
    let refused = [("/password", "wrong_password")];
    ada.post("/second-factor/totp", &wrong).await.expect_errors(&refused);
    let right = json!({"password": PASSWORD});
    ada.post("/second-factor/recovery-codes", &right).await.expect_problem(409, "second_factor_not_enabled");
    // Not asked for before it is confirmed.
    ada.post("/second-factor/totp", &right).await.expect(StatusCode::OK);
    let body = json!({"email": "ada@x.org", "password": PASSWORD});
    world.nobody().post("/auth/sign-in", &body).await.expect(StatusCode::OK);
    enable(&world, &ada).await;
    ada.post("/second-factor/totp", &right).await.expect_problem(409, "second_factor_enabled");
    ada.post("/second-factor/disable", &wrong).await.expect_errors(&refused);
    ada.post("/second-factor/disable", &right).await.expect(StatusCode::NO_CONTENT);
    world.nobody().post("/auth/sign-in", &body).await.expect(StatusCode::OK);
}
