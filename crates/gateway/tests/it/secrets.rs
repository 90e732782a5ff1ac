//! The secret key is exchanged while it is in use.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ostiary_testkit::{TestGateway, TestUpstream};
use serde_json::{Value, json};

use crate::command::{ostiary, stderr};
use crate::documents;

fn run(arguments: &[&str], data: &Path) -> Output {
    let mut all = arguments.to_vec();
    all.extend(["--data-dir", data.to_str().unwrap()]);
    ostiary(&all, &[])
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_exchanged_under_traffic_stay_good_with_the_new_key_alone() {
    let (dir, upstream) = (tempfile::tempdir().unwrap(), TestUpstream::start().await);
    let data = dir.path().join("data");
    let gateway = TestGateway::builder().data(&data).start().await;
    let tenant = gateway.tenant("acme").await;
    let headers = json!([{"name": "X-Key", "value": "an upstream's own"}]);
    for slug in ["shop", "other", "third"] {
        let body =
            json!({"slug": slug, "name": slug, "url": upstream.url(), "auth": {"kind": "headers", "headers": headers}});
        tenant.owner.post("/servers", &body).await.expect(201);
    }
    let servers = tenant.owner.get("/servers").await.expect(200);
    let shop = servers["items"].as_array().unwrap().iter().find(|server| server["slug"] == "shop").unwrap();
    let shop = shop["id"].as_str().unwrap();
    let policy = tenant.policy(shop, "sessions", &documents::allow_all()).await;
    let grant = tenant.grant("agent", shop, &policy).await;
    let kept = [("Idempotency-Key", "one")];
    let body = json!({"label": "kept", "role": "viewer"}).to_string();
    let minted = tenant.owner.send(reqwest::Method::POST, "/api-keys", Some(body.clone()), &kept).await.expect(201);

    let session = grant.connect().await;
    session.call("create_session", &json!({"amount": 1, "currency": "EUR"})).await;
    let refused = run(&["secrets", "rotate"], &data);
    assert!(stderr(&refused).contains("there is one key only"), "{}", stderr(&refused));
    assert!(run(&["secrets", "new-key"], &data).status.success());
    // The process that serves does not have the new key yet.
    let refused = run(&["secrets", "rotate"], &data);
    assert!(stderr(&refused).contains("restart it first"), "{}", stderr(&refused));
    let backup = run(&["backup", dir.path().join("backup").to_str().unwrap()], &data);
    assert!(stderr(&backup).contains("is being exchanged"), "{}", stderr(&backup));
    gateway.stop().await;

    let gateway = TestGateway::builder().data(&data).start().await;
    let tenant = tenant.at(gateway.base());
    let session = session.at(&grant.url.replace(&url_base(&grant.url), gateway.base()));
    assert!(stdout(&run(&["secrets", "status"], &data)).starts_with("0 sealed with the key in use, 4 with the other"));
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let traffic = tokio::spawn({
        let (stop, calls, session, owner) =
            (Arc::clone(&stop), Arc::clone(&calls), session.clone(), tenant.owner.clone());
        async move {
            while !stop.load(Ordering::SeqCst) {
                let answer = session.call("create_session", &json!({"amount": 1, "currency": "EUR"})).await;
                assert!(answer.get("error").is_none(), "{answer}");
                owner.get("/me").await.expect(200);
                calls.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let rotated = {
        let data = data.clone();
        tokio::task::spawn_blocking(move || (run(&["secrets", "rotate"], &data), run(&["secrets", "rotate"], &data)))
    };
    let (first, second) = rotated.await.unwrap();
    for output in [&first, &second] {
        assert!(output.status.success(), "{}", stderr(output));
        assert!(stdout(output).starts_with("4 sealed with the key in use, 0 with the other key, 0 with neither"));
    }
    stop.store(true, Ordering::SeqCst);
    traffic.await.expect("no call failed");
    assert!(calls.load(Ordering::SeqCst) > 0);
    assert_eq!(upstream.last_headers()["x-key"], "an upstream's own");
    let doctor: Value = serde_json::from_str(&stdout(&run(&["doctor", "--format", "json"], &data))).unwrap();
    assert!(doctor.to_string().contains("ostiary secrets forget"), "{doctor}");
    assert!(run(&["secrets", "forget"], &data).status.success());
    gateway.stop().await;

    let gateway = TestGateway::builder().data(&data).start().await;
    let tenant = tenant.at(gateway.base());
    let session =
        ostiary_testkit::McpSession::open(&grant.url.replace(&url_base(&grant.url), gateway.base()), &grant.token)
            .await;
    let answer = session.call("create_session", &json!({"amount": 1, "currency": "EUR"})).await;
    assert!(answer.get("error").is_none(), "{answer}");
    assert_eq!(upstream.last_headers()["x-key"], "an upstream's own");
    // Browsers sign in again: what the old key signed is over. A program with its key goes on, and hears what it was told.
    assert_eq!(tenant.owner.get("/me").await.status, 401);
    let program = tenant.owner.with_key(minted["key"].as_str().unwrap());
    assert_eq!(program.get("/me").await.status, 200);
    assert!(stdout(&run(&["secrets", "status"], &data)).starts_with("4 sealed with the key in use, 0 with the other"));
}

fn url_base(url: &str) -> String {
    url.split("/mcp/").next().unwrap().to_owned()
}
