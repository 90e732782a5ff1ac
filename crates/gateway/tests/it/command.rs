//! The program as people start it.

use std::process::{Command, Output};

use serde_json::Value;

pub(crate) fn ostiary(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ostiary"));
    for (name, _) in std::env::vars() {
        if name.starts_with("OSTIARY_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(variables.iter().copied()).output().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn config_prints_what_is_in_force_with_secrets_masked() {
    let key = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    let output =
        ostiary(&["config", "--format", "json", "--set", "limits.json_depth=32"], &[("OSTIARY_SECRET_KEY", key)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(key));
    let settings: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(settings["limits.json_depth"]["value"], "32");
    assert_eq!(settings["limits.json_depth"]["source"], "flag");
    assert_eq!(settings["secret_key"]["source"], "environment");
    assert_eq!(settings["listen"]["value"], "127.0.0.1:8080");
}

#[test]
fn configuration_with_problems_names_all_of_them_and_serves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let variables =
        [("OSTIARY_LISTEN", "nowhere"), ("OSTIARY_LOG_FORMAT", "xml"), ("OSTIARY_DATA_DIR", data.to_str().unwrap())];
    let output = ostiary(&[], &variables);
    assert!(!output.status.success());
    let error = stderr(&output);
    assert!(error.contains("OSTIARY_LISTEN") && error.contains("OSTIARY_LOG_FORMAT"), "{error}");
    assert!(!data.exists());
}

#[test]
fn address_in_use_is_said_in_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let output = ostiary(&["serve", "--listen", &address, "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains(&format!("something listens on {address} already")), "{}", stderr(&output));
}

#[test]
fn services_apart_say_what_they_need() {
    for service in ["api", "proxy"] {
        let output = ostiary(&[service], &[]);
        assert!(!output.status.success());
        let error = stderr(&output);
        assert!(error.contains("OSTIARY_DATABASE_URL") && error.contains("OSTIARY_REDIS_URL"), "{error}");
    }
}

#[test]
fn migrate_makes_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let output = ostiary(&["migrate", "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(dir.path().join("ostiary.db").exists());
}

#[test]
fn openapi_prints_the_document() {
    let output = ostiary(&["openapi"], &[]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn password_is_reset_by_the_link_that_the_operator_prints() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let gateway = ostiary_testkit::TestGateway::builder().data(dir.path()).start().await;
    gateway.tenant("acme").await;
    let nobody = ostiary(&["user", "reset-password", "nobody@example.com", "--data-dir", data], &[]);
    assert!(stderr(&nobody).contains("nobody signs in with this address"), "{}", stderr(&nobody));
    let output = ostiary(&["user", "reset-password", "acme@example.com", "--data-dir", data], &[]);
    let link = String::from_utf8(output.stdout).unwrap();
    let token = link.trim().split_once("/reset-password#").expect("a link").1;
    let body = serde_json::json!({"token": token, "password": "another lantern altogether"});
    let caller = gateway.anonymous();
    assert_eq!(caller.post("/auth/password-reset/confirm", &body).await.status, 204);
    let again = serde_json::json!({"email": "acme@example.com", "password": "another lantern altogether"});
    caller.post("/auth/sign-in", &again).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_factor_that_is_lost_is_removed_by_the_operator_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let gateway = ostiary_testkit::TestGateway::builder().data(dir.path()).start().await;
    let tenant = gateway.tenant("acme").await;
    let remove = || ostiary(&["user", "remove-second-factor", "acme@example.com", "--data-dir", data], &[]);
    assert!(stderr(&remove()).contains("asked for no second factor"), "{}", stderr(&remove()));

    let password = serde_json::json!({"password": ostiary_testkit::PASSWORD});
    let setup = tenant.owner.post("/second-factor/totp", &password).await.expect(200);
    let app = ostiary_auth::TotpSecret::from_base32(setup["secret"].as_str().unwrap()).unwrap();
    let code = app.code(chrono::Utc::now().timestamp());
    tenant.owner.post("/second-factor/totp/confirm", &serde_json::json!({"code": code})).await.expect(200);
    let sign_in = serde_json::json!({"email": "acme@example.com", "password": ostiary_testkit::PASSWORD});
    assert_eq!(gateway.anonymous().post("/auth/sign-in", &sign_in).await.status, 202);

    let removed = remove();
    assert!(removed.status.success(), "{}", stderr(&removed));
    gateway.anonymous().post("/auth/sign-in", &sign_in).await.expect(200);
    let state = tenant.owner.get("/second-factor").await.expect(200);
    assert_eq!((&state["is_enabled"], &state["recovery_codes_left"]), (&false.into(), &0.into()));
    let events = tenant.owner.get("/audit-events?action=second_factor_disabled").await.expect(200);
    assert_eq!(events["items"][0]["actor"]["kind"], "system", "{events}");
    assert_eq!(events["items"][0]["actor"]["name"], "operator");
    let verified = ostiary(&["audit", "verify", "--data-dir", data], &[]);
    assert!(verified.status.success(), "{}", stderr(&verified));
}
