//! `ostiary audit verify`, beside a gateway that goes on and behind one that somebody laid hands on.

use std::path::Path;
use std::process::Output;

use ostiary_testkit::TestGateway;
use serde_json::json;

use crate::command::{ostiary, stderr};

fn verify(data: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["audit", "verify", "--data-dir", data.to_str().unwrap()];
    all.extend(arguments);
    ostiary(&all, &[])
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn audit_verify_proves_the_chains_and_finds_what_was_altered() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = TestGateway::builder().data(dir.path()).start().await;
    let (acme, other) = (gateway.tenant("acme").await, gateway.tenant("other").await);
    for name in ["One", "Two", "Three"] {
        acme.owner.patch("/account", &json!({"name": name})).await.expect(200);
    }
    let output = verify(dir.path(), &[]);
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let printed = stdout(&output);
    assert!(printed.contains("2 chains are as they were written"), "{printed}");
    let line = printed.lines().find(|line| line.starts_with(&format!("{}: 4 events", acme.slug))).unwrap();
    let anchor = line.rsplit(' ').next().unwrap().to_owned();
    acme.owner.patch("/account", &json!({"name": "Four"})).await.expect(200);
    assert!(verify(dir.path(), &["--account", &acme.slug, "--anchor", &anchor]).status.success());
    let forged = format!("4:{}", "0".repeat(64));
    let output = verify(dir.path(), &["--account", &acme.slug, "--anchor", &forged]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("is not the one with the noted hash"), "{}", stdout(&output));
    gateway.stop().await;

    let file = dir.path().join("ostiary.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let (name, forged) = (b"acme@example.com", b"evil@example.com");
    for at in 0..bytes.len() - name.len() {
        if bytes[at..].starts_with(name) {
            bytes[at..at + name.len()].copy_from_slice(forged);
        }
    }
    std::fs::write(&file, bytes).unwrap();
    let output = verify(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let printed = stdout(&output);
    assert!(printed.contains(&format!("{}: BROKEN: event 1 was altered", acme.slug)), "{printed}");
    assert!(printed.contains(&format!("{}: 1 events", other.slug)), "{printed}");
}
