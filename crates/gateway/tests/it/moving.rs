//! From a file to PostgreSQL, and from counters in the process to Redis.

use std::path::Path;
use std::process::Output;

use ostiary_testkit::{Program, Tenant, TestGateway, TestPostgres, TestRedis, TestUpstream};
use serde_json::json;

use crate::documents;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

/// `ostiary migrate` out of a data directory.
fn migrate(data: &Path, to: &str, variables: &[(&str, &str)]) -> Output {
    let from = format!("sqlite:{}/ostiary.db", data.display());
    let mut command = std::process::Command::new(PROGRAM);
    command.args(["migrate", "--from", &from, "--to", to]).envs(variables.iter().copied());
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An account with a server that wants a credential, and a grant that has opened three sessions of ten.
async fn fill(data: &Path, upstream: &TestUpstream) -> (Tenant, ostiary_testkit::Grant, String) {
    let gateway = TestGateway::builder().data(data).start().await;
    let tenant = gateway.tenant("acme").await;
    let auth = json!({"kind": "headers", "headers": [{"name": "x-key", "value": "upstream-secret"}]});
    let body = json!({"slug": "shop", "name": "shop", "url": upstream.url(), "auth": auth});
    let server = tenant.owner.post("/servers", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    tenant.owner.post("/api-keys", &json!({"label": "robot \\N \\. é", "role": "viewer"})).await.expect(201);
    let policy = tenant.policy(&server, "sessions", &documents::ten_sessions_a_minute()).await;
    let hourly = json!({
        "version": "1", "default": "deny",
        "tools": {"create_session": {"limits": [{"counter": "c", "window": "hour", "max": 5, "scope": "grant"}]}}
    });
    tenant.edit_policy(&policy, &hourly).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    let session = grant.connect().await;
    for _ in 0..3 {
        assert_eq!(session.refusal("create_session", &json!({})).await, None);
    }
    let base = gateway.base().to_owned();
    gateway.stop().await;
    (tenant, grant, base)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_a_file_goes_on_in_postgres_and_redis() {
    let Some(database) = TestPostgres::create_empty().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let dir = tempfile::tempdir().unwrap();
    let upstream = TestUpstream::start().await;
    let (tenant, grant, base) = fill(dir.path(), &upstream).await;

    // Another key opens nothing, and nothing is moved.
    let other = [("OSTIARY_SECRET_KEY", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")];
    let output = migrate(dir.path(), database.url(), &other);
    assert!(!output.status.success() && said(&output).contains("the key does not open"), "{}", said(&output));

    let output = migrate(dir.path(), database.url(), &[]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    println!("{text}");
    assert!(text.contains("opened 1 secrets") && text.contains("decisions: 3 of 3"), "{text}");
    assert!(!text.contains("upstream-secret"));
    let again = migrate(dir.path(), database.url(), &[]);
    assert!(!again.status.success() && said(&again).contains("the target is not empty"), "{}", said(&again));

    // Counters of the process are not forgotten when Redis counts from now on.
    let key = std::fs::read_to_string(dir.path().join("secret.key")).unwrap();
    let variables = [
        ("OSTIARY_DATABASE_URL", database.url()),
        ("OSTIARY_REDIS_URL", redis.url()),
        ("OSTIARY_SECRET_KEY", key.trim()),
        ("OSTIARY_UPSTREAM_ALLOW", "127.0.0.0/8"),
    ];
    let run = |word: &str| {
        let mut command = std::process::Command::new(PROGRAM);
        command.arg(word).env("OSTIARY_PROXY_LISTEN", "127.0.0.1:0").envs(variables).output().unwrap()
    };
    let early = run("proxy");
    assert!(!early.status.success() && said(&early).contains("run `ostiary migrate`"), "{}", said(&early));
    let output = run("migrate");
    assert!(output.status.success() && said(&output).contains("1 counters were carried"), "{}", said(&output));

    let api = Program::replica(PROGRAM, "api", &variables).await;
    let proxy = Program::replica(PROGRAM, "proxy", &variables).await;
    // The member is still signed in, and sees what happened before.
    let tenant = tenant.at(api.base());
    assert_eq!(tenant.decisions().await.len(), 3);
    let events = tenant.owner.get("/audit-events/verification").await;
    assert!(events.status == 200 || events.status == 404, "{}", events.status);
    let moved = ostiary_testkit::Grant { url: grant.url.replace(&base, proxy.base()), ..grant };
    let session = moved.connect().await;
    for expected in [None, None, Some("limit_exceeded")] {
        assert_eq!(session.refusal("create_session", &json!({})).await.as_deref(), expected);
    }
    // The credential was opened.
    assert_eq!(upstream.last_headers()["x-key"], "upstream-secret");
    for program in [proxy, api] {
        let (ended_well, _) = program.terminate().await;
        assert!(ended_well);
    }
}

#[test]
fn source_that_is_not_there_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let output = migrate(dir.path(), "postgres://localhost/none", &[]);
    assert!(!output.status.success() && said(&output).contains("there is no file"), "{}", said(&output));
    assert!(!dir.path().join("ostiary.db").exists());
}
