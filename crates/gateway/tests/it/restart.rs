//! A process that ends, in order or by `kill -9`, in the middle of traffic.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ostiary_testkit::{Grant, McpSession, Program, Tenant, TestUpstream, wait_until};
use serde_json::{Value, json};

use crate::documents;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

/// Sessions that may be created in an hour.
const MOST: u64 = 40;

/// The grant at another address.
fn moved(grant: &Grant, from: &str, to: &Program) -> Grant {
    Grant { url: grant.url.replace(from, to.base()), ..grant.clone() }
}

/// Calls two tools in turns until the connection breaks; every call carries a trace of its own, which the upstream
/// sees as its mark and the log keeps.
async fn traffic(session: McpSession, next: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let number = next.fetch_add(1, Ordering::SeqCst) + 1;
        let trace = format!("{number:032x}");
        let tool = if number.is_multiple_of(3) { "create_session" } else { "get_user" };
        let params = json!({
            "name": tool, "arguments": {"mark": trace},
            "_meta": {"traceparent": format!("00-{trace}-00000000000000aa-01")},
        });
        if session.try_request("tools/call", &params).await.is_none() {
            return;
        }
    }
}

async fn allowed(tenant: &Tenant) -> Vec<Value> {
    let all = tenant.decisions().await;
    all.into_iter().filter(|decision| decision["outcome"] == "allowed").collect()
}

/// Calls until the limit refuses; answers how many were let through.
async fn exhaust(session: &McpSession) -> u64 {
    for count in 0..=MOST {
        if session.refusal("create_session", &json!({})).await.as_deref() == Some("limit_exceeded") {
            return count;
        }
    }
    panic!("the limit was never met");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_process_loses_no_decision_no_limit_and_no_session() {
    let upstream = TestUpstream::start().await;
    let dir = tempfile::tempdir().unwrap();
    let mut program = Program::serve(PROGRAM, dir.path()).await;
    let mut tenant = Tenant::sign_up(program.base(), "acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "sessions", &documents::sessions(MOST, "hour")).await;
    let mut grant = tenant.grant("agent", &server, &policy).await;
    let mut session = grant.connect().await;

    let next = Arc::new(AtomicU64::new(0));
    for round in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let before = upstream.calls();
        let tasks: Vec<_> =
            (0..6).map(|_| tokio::spawn(traffic(session.clone(), Arc::clone(&next), Arc::clone(&stop)))).collect();
        wait_until("calls are under way", async || (upstream.calls() > before + 8).then_some(())).await;
        let from = program.base().to_owned();
        program.kill().await;
        stop.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.unwrap();
        }

        program = Program::serve(PROGRAM, dir.path()).await;
        tenant = tenant.at(program.base());
        grant = moved(&grant, &from, &program);
        session = session.at(&grant.url);

        // No unlogged call: whatever the upstream counted has its record.
        let traces: HashSet<String> = allowed(&tenant)
            .await
            .iter()
            .filter_map(|decision| decision["trace_id"].as_str().map(str::to_owned))
            .collect();
        for mark in upstream.marks() {
            assert!(traces.contains(&mark), "round {round}: call {mark} reached the upstream and is not in the log");
        }
        // The session of before the kill goes on.
        assert_eq!(session.refusal("get_user", &json!({})).await, None, "round {round}");
    }

    exhaust(&session).await;
    let sessions = allowed(&tenant).await.iter().filter(|decision| decision["target"] == "create_session").count();
    assert_eq!(sessions as u64, MOST, "what was admitted, before and after the kills together, is the limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restart_in_order_ends_calls_and_keeps_everything() {
    let upstream = TestUpstream::start().await;
    let dir = tempfile::tempdir().unwrap();
    let first = Program::serve(PROGRAM, dir.path()).await;
    let tenant = Tenant::sign_up(first.base(), "acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "sessions", &documents::sessions(MOST, "hour")).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    let session = grant.connect().await;
    for _ in 0..15 {
        assert_eq!(session.refusal("create_session", &json!({})).await, None);
    }
    let first_base = first.base().to_owned();
    let (ended_well, took) = first.terminate().await;
    assert!(ended_well);
    assert!(took < Duration::from_secs(10), "{took:?}");

    let second = Program::serve(PROGRAM, dir.path()).await;
    let tenant = tenant.at(second.base());
    let grant = moved(&grant, &first_base, &second);
    let session = session.at(&grant.url);
    assert_eq!(exhaust(&session).await, MOST - 15);
    let endings = allowed(&tenant).await.iter().filter(|decision| decision["ending"]["result"] == "ok").count();
    assert!(endings >= 15, "calls that ended before the stop have their end in the log: {endings}");
    assert_eq!(tenant.owner.get("/me").await.status, 200, "the browser stays signed in");
}

#[tokio::test]
async fn second_process_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Program::serve(PROGRAM, dir.path()).await;
    let output = tokio::process::Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path())
        .output()
        .await
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("another ostiary uses the data directory"), "{error}");
}
