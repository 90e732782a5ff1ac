//! `ostiary backup`, `restore` and `doctor`, as people run them.

use std::path::Path;
use std::process::Output;

use ostiary_testkit::{TestGateway, TestUpstream};
use serde_json::{Value, json};

use crate::command::{ostiary, stderr};
use crate::documents;

fn run(arguments: &[&str], data: &Path) -> Output {
    let mut all = arguments.to_vec();
    all.extend(["--data-dir", data.to_str().unwrap()]);
    ostiary(&all, &[])
}

#[tokio::test]
async fn backup_made_while_calls_go_on_is_restored_whole() {
    let (dir, upstream) = (tempfile::tempdir().unwrap(), TestUpstream::start().await);
    let (data, backup, fresh) = (dir.path().join("data"), dir.path().join("backup"), dir.path().join("fresh"));
    let gateway = TestGateway::builder().data(&data).start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "sessions", &documents::ten_sessions_a_minute()).await;
    let grant = tenant.grant("agent", &server, &policy).await;

    let output = run(&["backup", backup.to_str().unwrap()], &data);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!run(&["backup", backup.to_str().unwrap()], &data).status.success(), "a backup is never overwritten");
    // What happens afterwards is not in it.
    tenant.grant("later", &server, &policy).await;
    let output = run(&["restore", backup.to_str().unwrap()], &data);
    assert!(stderr(&output).contains("another ostiary uses the data directory"), "{}", stderr(&output));
    gateway.stop().await;

    let output = run(&["restore", backup.to_str().unwrap()], &fresh);
    assert!(output.status.success(), "{}", stderr(&output));
    let restored = TestGateway::builder().data(&fresh).start().await;
    let owner = tenant.at(restored.base()).owner;
    let grants = owner.get("/grants").await.expect(200);
    assert_eq!(grants["items"].as_array().unwrap().len(), 1);
    assert_eq!(grants["items"][0]["id"], grant.id.as_str());
    restored.stop().await;
    assert!(run(&["audit", "verify"], &fresh).status.success());

    let output = run(&["restore", backup.to_str().unwrap()], &fresh);
    assert!(stderr(&output).contains("--replace"), "{}", stderr(&output));
    assert!(run(&["restore", backup.to_str().unwrap(), "--replace"], &fresh).status.success());
    assert!(fresh.join("ostiary.db.replaced").exists());

    let file = backup.join("ostiary.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let output = run(&["restore", backup.to_str().unwrap(), "--replace"], &fresh);
    assert!(stderr(&output).contains("ostiary.db of the backup is not what was written"), "{}", stderr(&output));
}

pub(crate) fn doctor(data: &Path, variables: &[(&str, &str)]) -> (bool, Vec<Value>) {
    let output = ostiary(&["doctor", "--format", "json", "--data-dir", data.to_str().unwrap()], variables);
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    (output.status.success(), checks.as_array().unwrap().clone())
}

fn verdict<'a>(checks: &'a [Value], subject: &str) -> &'a str {
    let check = checks.iter().find(|check| check["subject"] == subject).unwrap_or_else(|| panic!("{subject}"));
    check["verdict"].as_str().unwrap()
}

#[tokio::test]
async fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (is_well, checks) = doctor(&data, &[]);
    assert!(is_well, "nothing is there yet: {checks:?}");

    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::builder().data(&data).start().await;
    let tenant = gateway.tenant("acme").await;
    let auth = json!({"kind": "headers", "headers": [{"name": "x-api-key", "value": "hunter2"}]});
    let body = json!({"slug": "shop", "name": "Shop", "url": upstream.url(), "auth": auth});
    tenant.owner.post("/servers", &body).await.expect(201);
    let (is_well, checks) = doctor(&data, &[]);
    assert!(is_well, "{checks:?}");
    assert_eq!(verdict(&checks, "stored credentials"), "good");
    gateway.stop().await;

    let other = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    let (is_well, checks) = doctor(&data, &[("OSTIARY_SECRET_KEY", other)]);
    assert!(!is_well);
    assert_eq!(verdict(&checks, "stored credentials"), "bad");
    assert!(checks.iter().all(|check| check["verdict"] != "bad" || check["advice"].is_string()));

    let (is_well, checks) = doctor(&data, &[("OSTIARY_LISTEN", "nowhere")]);
    assert!(!is_well && verdict(&checks, "configuration") == "bad");
    let database = [("OSTIARY_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d"), ("OSTIARY_SECRET_KEY", other)];
    let (is_well, checks) = doctor(&data, &database);
    assert!(!is_well && verdict(&checks, "database") == "bad");
    assert!(!format!("{checks:?}").contains("hunter2"));

    std::fs::remove_file(data.join("secret.key")).unwrap();
    let (is_well, checks) = doctor(&data, &[]);
    assert!(!is_well && verdict(&checks, "secret key") == "bad");
}
