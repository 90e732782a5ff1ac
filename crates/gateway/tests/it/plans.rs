//! Plans where all parts meet: what the operator says, what calls are let through, and what is said of both.

use std::process::{Command, Output};
use std::sync::Arc;

use ostiary_testkit::{
    Caller, Fault, Grant, McpSession, Program, Tenant, TestGateway, TestPostgres, TestRedis, TestUpstream, wait_until,
};
use serde_json::{Value, json};

use crate::backup::doctor;
use crate::command::{ostiary, stderr};
use crate::documents;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
/// Owners may choose neither.
const PLANS: &str = "{ small = { servers = 1, calls_a_month = 2, calls_at_once = 2 }, large = {} }";

/// What `GET /usage` says of one limit.
async fn usage(owner: &Caller, limit: &str) -> Value {
    owner.get("/usage").await.expect(200)["limits"][limit].clone()
}

fn session_request() -> Value {
    json!({"amount": 1, "currency": "EUR"})
}

/// A call that hangs at its server until the handle is aborted.
fn hang(session: &Arc<McpSession>) -> tokio::task::JoinHandle<()> {
    let session = Arc::clone(session);
    tokio::spawn(async move { drop(session.try_request("tools/call", &json!({"name": "echo"})).await) })
}

async fn agent(tenant: &Tenant, upstream: &TestUpstream) -> Grant {
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    tenant.grant("agent", &server, &policy).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_is_put_on_a_plan_by_the_operator_while_nothing_serves() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let change = |account: &str, plan: &str| {
        ostiary(&["account", "plan", account, plan, "--data-dir", data], &[("OSTIARY_PLANS", PLANS)])
    };
    let start = || TestGateway::builder().data(dir.path()).set("plans", PLANS).start();
    let (gateway, upstream) = (start().await, TestUpstream::start().await);
    let tenant = gateway.tenant("acme").await;
    tenant.server("first", upstream.url()).await;
    // It would hear of nothing.
    let output = change(&tenant.slug, "small");
    assert!(!output.status.success() && stderr(&output).contains("another ostiary uses"), "{}", stderr(&output));
    gateway.stop().await;

    let output = change(&tenant.slug, "none");
    assert!(!output.status.success());
    assert!(stderr(&output).contains("no plan `none`") && stderr(&output).contains("small"), "{}", stderr(&output));
    let output = change("nobody", "small");
    assert!(!output.status.success() && stderr(&output).contains("no account `nobody`"), "{}", stderr(&output));
    let output = change(&tenant.slug, "small");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "acme is on the plan small");

    let gateway = start().await;
    let tenant = tenant.at(gateway.base());
    assert_eq!(tenant.owner.get("/account").await.expect(200)["plan"], "small");
    let server = json!({"slug": "second", "name": "second", "url": upstream.url()});
    let (code, _) = tenant.owner.post("/servers", &server).await.problem();
    assert_eq!(code, "plan_limit_reached");
    let events = tenant.owner.get("/audit-events?limit=1").await.expect(200);
    let event = &events["items"][0];
    assert_eq!(
        (&event["action"], &event["actor"]["kind"]),
        (&json!("account_plan_changed"), &json!("system")),
        "{event}"
    );
    assert_eq!((&event["before"]["plan"], &event["after"]["plan"]), (&json!("standard"), &json!("small")));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_names_plans_that_are_configured_no_longer() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let gateway =
        TestGateway::builder().data(&data).set("plans", PLANS).set("accounts.default_plan", "small").start().await;
    gateway.tenant("acme").await;
    gateway.stop().await;
    let plans = |variables: &[(&str, &str)]| {
        let (is_well, checks) = doctor(&data, variables);
        assert!(is_well, "the default plan counts: {checks:?}");
        checks.into_iter().find(|check| check["subject"] == "plans").expect("a check of plans")
    };
    let check = plans(&[("OSTIARY_PLANS", PLANS)]);
    assert_eq!(check["verdict"], "good", "{check}");
    let check = plans(&[]);
    assert_eq!(check["verdict"], "doubtful", "{check}");
    assert!(check["found"].as_str().unwrap().contains("`small` of 1"), "{check}");
    assert!(check["advice"].as_str().unwrap().contains("ostiary account plan"), "{check}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_in_flight_are_said_while_they_are() {
    let gateway = TestGateway::builder().set("plans", "{ standard = { calls_at_once = 2 } }").start().await;
    let (tenant, upstream) = (gateway.tenant("acme").await, TestUpstream::start().await);
    let grant = agent(&tenant, &upstream).await;
    says_what_is_in_flight(&tenant, &upstream, Arc::new(grant.connect().await)).await;
    gateway.stop().await;
}

/// Two calls hang, and no third is let through, until one of them ends.
async fn says_what_is_in_flight(tenant: &Tenant, upstream: &TestUpstream, session: Arc<McpSession>) {
    assert_eq!(usage(&tenant.owner, "calls_at_once").await, json!({"used": 0, "max": 2}));
    upstream.set_fault(Fault::Hang);
    let calls = [hang(&session), hang(&session)];
    let used = async |calls: u64| (usage(&tenant.owner, "calls_at_once").await["used"] == calls).then_some(());
    wait_until("both calls are in flight", async || used(2).await).await;
    upstream.set_fault(Fault::None);
    assert_eq!(session.refusal("create_session", &session_request()).await.as_deref(), Some("plan_limit_reached"));
    for call in calls {
        call.abort();
    }
    wait_until("no call is in flight", async || used(0).await).await;
    assert_eq!(session.refusal("create_session", &session_request()).await, None);
}

/// Processes apart, on one PostgreSQL and one Redis.
struct Stage {
    database: TestPostgres,
    redis: TestRedis,
    plans: &'static str,
}

impl Stage {
    fn variables(&self) -> [(&'static str, &str); 5] {
        [
            ("OSTIARY_DATABASE_URL", self.database.url()),
            ("OSTIARY_REDIS_URL", self.redis.url()),
            ("OSTIARY_SECRET_KEY", KEY),
            ("OSTIARY_PLANS", self.plans),
            ("OSTIARY_DATABASE_CONNECTIONS", "4"),
        ]
    }

    async fn process(&self, service: &str) -> Program {
        Program::replica(PROGRAM, service, &self.variables()).await
    }

    fn change(&self, account: &str, plan: &str) -> Output {
        Command::new(PROGRAM).args(["account", "plan", account, plan]).envs(self.variables()).output().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_is_put_on_a_plan_by_the_operator_beside_processes_that_serve() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let (stage, upstream) = (Stage { database, redis, plans: PLANS }, TestUpstream::start().await);
    let (api, proxy) = (stage.process("api").await, stage.process("proxy").await);
    let tenant = Tenant::sign_up(api.base(), "acme").await;
    let grant = agent(&tenant, &upstream).await;
    let path = grant.url.strip_prefix(api.base()).expect("the API's address").to_owned();
    let grant = Grant { url: format!("{}{path}", proxy.base()), ..grant };
    let session = Arc::new(grant.connect().await);
    for _ in 0..3 {
        assert_eq!(session.refusal("create_session", &session_request()).await, None);
    }
    assert_eq!(usage(&tenant.owner, "calls_at_once").await, json!({"used": null, "max": null}));

    let output = stage.change(&tenant.slug, "small");
    assert!(output.status.success(), "{}", stderr(&output));
    // What is not limited is not counted: the month begins with the plan.
    for expected in [None, None, Some("plan_limit_reached")] {
        assert_eq!(session.refusal("create_session", &session_request()).await.as_deref(), expected);
    }
    assert!(stage.change(&tenant.slug, "large").status.success());
    assert_eq!(session.refusal("create_session", &session_request()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_in_flight_at_a_gateway_are_said_by_an_api_apart() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let plans = "{ standard = { calls_at_once = 2 } }";
    let (stage, upstream) = (Stage { database, redis, plans }, TestUpstream::start().await);
    let (api, proxy) = (stage.process("api").await, stage.process("proxy").await);
    let tenant = Tenant::sign_up(api.base(), "acme").await;
    let grant = agent(&tenant, &upstream).await;
    let path = grant.url.strip_prefix(api.base()).expect("the API's address").to_owned();
    let session = Grant { url: format!("{}{path}", proxy.base()), ..grant }.connect().await;
    says_what_is_in_flight(&tenant, &upstream, Arc::new(session)).await;
    stage.redis.kill();
    assert_eq!(usage(&tenant.owner, "calls_at_once").await, json!({"used": null, "max": 2}), "nobody can say");
}
