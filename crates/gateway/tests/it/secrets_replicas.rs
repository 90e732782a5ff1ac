//! The secret key is exchanged while several processes use it, on one PostgreSQL and one Redis.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ostiary_testkit::{Caller, Grant, McpSession, Program, Tenant, TestPostgres, TestRedis, TestUpstream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::documents;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const OLD: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
const NEW: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";

/// What all processes share.
struct Stage {
    database: TestPostgres,
    redis: TestRedis,
}

impl Stage {
    fn variables<'a>(&'a self, keys: &[&'a str]) -> Vec<(&'static str, &'a str)> {
        let names = ["OSTIARY_SECRET_KEY", "OSTIARY_SECRET_KEY_OTHER"];
        let mut variables =
            vec![("OSTIARY_DATABASE_URL", self.database.url()), ("OSTIARY_REDIS_URL", self.redis.url())];
        variables.extend(names.into_iter().zip(keys.iter().copied()));
        variables.push(("OSTIARY_DATABASE_CONNECTIONS", "4"));
        variables
    }

    /// A process that seals with the first of the keys, and opens with all.
    async fn process(&self, service: &str, keys: &[&str]) -> Program {
        Program::replica(PROGRAM, service, &self.variables(keys)).await
    }

    fn secrets(&self, command: &str, keys: &[&str]) -> Output {
        Command::new(PROGRAM).args(["secrets", command]).envs(self.variables(keys)).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A call of the tool; the upstream has to have been sent its own key.
async fn call(session: &McpSession, upstream: &TestUpstream) {
    let answer = session.call("create_session", &json!({"amount": 1, "currency": "EUR"})).await;
    assert!(answer.get("error").is_none() && answer["result"]["isError"] != true, "{answer}");
    assert_eq!(upstream.last_headers()["x-key"], "an upstream's own");
}

async fn mint(program: &Caller, key: &str) -> Value {
    let body = json!({"label": "kept", "role": "viewer"}).to_string();
    program.send(Method::POST, "/api-keys", Some(body), &[("Idempotency-Key", key)]).await.expect(201)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_of_several_processes_are_exchanged_under_traffic() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let (stage, upstream) = (Stage { database, redis }, Arc::new(TestUpstream::start().await));

    let api = stage.process("api", &[OLD]).await;
    let tenant = Tenant::sign_up(api.base(), "acme").await;
    let headers = json!([{"name": "X-Key", "value": "an upstream's own"}]);
    let auth = json!({"kind": "headers", "headers": headers});
    let body = json!({"slug": "shop", "name": "shop", "url": upstream.url(), "auth": auth});
    let server = tenant.owner.post("/servers", &body).await.expect(201)["id"].as_str().unwrap().to_owned();
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    let path = grant.url.strip_prefix(api.base()).expect("the API's address").to_owned();
    let at = |proxy: &Program| Grant { url: format!("{}{path}", proxy.base()), ..grant.clone() };
    let admin = tenant.owner.post("/api-keys", &json!({"label": "admin", "role": "admin"})).await.expect(201);
    let program = tenant.owner.with_key(admin["key"].as_str().unwrap());
    let minted = mint(&program, "one").await;

    // First every process can open what the new key seals; then one after the other seals with it.
    let first = stage.process("proxy", &[OLD, NEW]).await;
    let second = stage.process("proxy", &[NEW, OLD]).await;
    let session = at(&first).connect().await;
    call(&session, &upstream).await;
    call(&session.at(&at(&second).url), &upstream).await;
    let other = at(&second).connect().await;
    call(&other.at(&at(&first).url), &upstream).await;
    for program in [api, first] {
        program.terminate().await;
    }
    let api = stage.process("api", &[NEW, OLD]).await;
    let first = stage.process("proxy", &[NEW, OLD]).await;
    let (tenant, program) = (tenant.at(api.base()), program.at(api.base()));
    tenant.owner.get("/me").await.expect(200);

    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut traffic = tokio::task::JoinSet::new();
    for (number, proxy) in [&first, &second].into_iter().enumerate() {
        let (stop, calls, program) = (Arc::clone(&stop), Arc::clone(&calls), program.clone());
        let (session, upstream) = (session.at(&at(proxy).url), Arc::clone(&upstream));
        traffic.spawn(async move {
            let mut round = 0;
            while !stop.load(Ordering::SeqCst) {
                call(&session, &upstream).await;
                // Something new is sealed all the time.
                if round < 20 {
                    mint(&program, &format!("{number}-{round}")).await;
                }
                round += 1;
                calls.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let status = text(&stage.secrets("status", &[NEW, OLD]).stdout);
    assert!(!status.contains(" 0 with the other key"), "{status}");
    for _ in 0..2 {
        let output = stage.secrets("rotate", &[NEW, OLD]);
        let told = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(told.contains(" 0 with the other key, 0 with neither"), "{told}");
    }
    stop.store(true, Ordering::SeqCst);
    while let Some(ended) = traffic.join_next().await {
        ended.expect("no call failed");
    }
    assert!(calls.load(Ordering::SeqCst) >= 2);
    for program in [api, first, second] {
        program.terminate().await;
    }

    // The old key is not needed any more.
    let (api, proxy) = (stage.process("api", &[NEW]).await, stage.process("proxy", &[NEW]).await);
    call(&at(&proxy).connect().await, &upstream).await;
    assert_eq!(mint(&program.at(api.base()), "one").await, minted, "kept under the new key");
    // What the old key signed is over.
    assert_eq!(tenant.at(api.base()).owner.get("/me").await.status, 401);
}
