//! The official conformance suite gives the same result through the gateway as without it, check by check.
//!
//! What it judges is in `tests/conformance`: a reference server behind the gateway, and a reference client before it. A
//! check that differs is a failure, unless `expected-failures.txt` names its scenario; a scenario that is named there and
//! does not differ is a failure, too.

mod suite;

use std::collections::BTreeSet;

use ostiary_testkit::TestGateway;
use serde_json::json;

use self::suite::{Findings, Status, Suite};

const EXPECTED: &str = include_str!("../../../../tests/conformance/expected-failures.txt");

/// What `judged` (a server or a client, and its revision) is expected to do worse at through the gateway.
fn expected(judged: &str) -> BTreeSet<&'static str> {
    let lines = EXPECTED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.strip_prefix(judged)).map(str::trim).collect()
}

/// Compares what the suite found in one run with and without the gateway.
fn compare(judged: &str, direct: &Findings, through: &Findings) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differing = BTreeSet::new();
    let expected = expected(judged);
    assert!(!direct.is_empty(), "{judged}: nothing was judged");
    for check in direct.keys().chain(through.keys()).collect::<BTreeSet<_>>() {
        let (direct, through) = (direct.get(check).copied(), through.get(check).copied());
        let scenario = check.split_once(": ").unwrap().0;
        if direct == Some(Status::Failure) {
            wrong.push(format!("{judged} {check}: the reference itself fails"));
        } else if direct != through {
            differing.insert(scenario);
            if !expected.contains(scenario) {
                wrong.push(format!("{judged} {check}: {direct:?} directly, {through:?} through the gateway"));
            }
        }
    }
    wrong
        .extend(expected.difference(&differing).map(|scenario| format!("{judged} {scenario}: is as good as directly")));
    wrong
}

async fn server_is_judged_alike(revisions: &[&str]) {
    let Some(suite) = Suite::find() else { return };
    let server = suite.start("server.mjs", &[]).await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let id = tenant.server("reference", &server.url).await;
    let policy = tenant.policy(&id, "all", &json!({"version": "1", "default": "allow"})).await;
    let grant = tenant.grant("suite", &id, &policy).await;
    let relay = suite.start("relay.mjs", &[("OSTIARY_MCP_URL", &grant.url), ("OSTIARY_MCP_TOKEN", &grant.token)]).await;
    let mut wrong = Vec::new();
    for revision in revisions {
        let direct = suite.judge_server(&server.url, revision).await;
        let through = suite.judge_server(&relay.url, revision).await;
        wrong.extend(compare(&format!("server {revision}"), &direct, &through));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn client_is_judged_alike(revisions: &[&str]) {
    let Some(suite) = Suite::find() else { return };
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let key = tenant.owner.post("/api-keys", &json!({"label": "suite", "role": "admin"})).await.expect(201);
    let variables = [("OSTIARY_API", gateway.base()), ("OSTIARY_API_KEY", key["key"].as_str().unwrap())];
    let mut wrong = Vec::new();
    for revision in revisions {
        let (mut direct, mut through) = (Findings::new(), Findings::new());
        for scenario in suite.client_scenarios(revision).await {
            let (without, with) = tokio::join!(
                suite.judge_client(&scenario, revision, &[]),
                suite.judge_client(&scenario, revision, &variables)
            );
            direct.extend(without);
            through.extend(with);
        }
        wrong.extend(compare(&format!("client {revision}"), &direct, &through));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_of_sessions_behind_the_gateway_is_judged_as_without_it() {
    server_is_judged_alike(&["2025-03-26", "2025-06-18", "2025-11-25"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stateless_server_behind_the_gateway_is_judged_as_without_it() {
    server_is_judged_alike(&["2026-07-28"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_of_sessions_before_the_gateway_is_judged_as_without_it() {
    client_is_judged_alike(&["2025-06-18", "2025-11-25"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stateless_client_before_the_gateway_is_judged_as_without_it() {
    client_is_judged_alike(&["2026-07-28"]).await;
}
