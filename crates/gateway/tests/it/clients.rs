//! Foreign MCP clients through the gateway, in front of the reference server. Their scripts are in `tests/clients`.

use std::ffi::OsStr;
use std::path::Path;

use ostiary_testkit::{EverythingServer, TestGateway, clients_dir, python_of_clients, skip};
use serde_json::{Value, json};
use tokio::process::Command;

/// What the scripts expect: some tools free, one with a condition, one with a limit, one denied, one hidden.
fn document() -> Value {
    json!({
        "version": "1", "default": "allow", "hide": ["get-env"],
        "tools": {
            "echo": {"limits": [{"counter": "echoes", "window": "minute", "max": 10, "scope": "grant"}]},
            "get-sum": {"deny_if": [{"conditions": [{"path": "args.a", "op": "gt", "value": 1000}], "on_deny": "Too much."}]},
            "get-tiny-image": {"action": "deny", "reason": "No pictures here."},
        },
    })
}

/// Runs one script against a server, a gateway and a grant of its own.
async fn run(program: impl AsRef<OsStr>, script: &str) {
    // The reference server ends with the session that one of the clients ends: each gets its own.
    let Some(everything) = EverythingServer::start().await else { return };
    let dir = clients_dir().unwrap();
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("everything", everything.url()).await;
    let policy = tenant.policy(&server, "walk", &document()).await;
    let grant = tenant.grant(script, &server, &policy).await;
    let output = Command::new(program)
        .arg(dir.join(script))
        .env("OSTIARY_MCP_URL", &grant.url)
        .env("OSTIARY_MCP_TOKEN", &grant.token)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    assert!(text.contains("passed, 0 failed"), "{text}");
    assert!(!text.contains(&grant.token), "the token is not printed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typescript_sdk_goes_the_whole_way() {
    run("node", "typescript-v1.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_generation_of_the_typescript_sdk_goes_the_whole_way() {
    run("node", "typescript-v2.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inspector_goes_the_whole_way() {
    run("node", "inspector.mjs").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_sdk_goes_the_whole_way() {
    let Some(python) = python_of_clients() else {
        skip("the Python environment of tests/clients is not installed");
        return;
    };
    run(Path::new(&python), "python_client.py").await;
}
