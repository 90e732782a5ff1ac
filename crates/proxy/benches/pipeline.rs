//! What a call costs before it is sent: everything up to the upstream, whose circuit is open, and a call there and back.
//!
//! Records go nowhere here, so that the figures are the processor's and not the disk's.

#[path = "../tests/it/upstream.rs"]
#[expect(dead_code, reason = "the fixture of the tests has more than this needs")]
mod upstream;
#[path = "../tests/it/world.rs"]
#[expect(dead_code, reason = "the fixture of the tests has more than this needs")]
mod world;

use std::sync::Arc;

use async_trait::async_trait;
use divan::Bencher;
use ostiary_storage::{DecisionLog, LogBatch, StorageError, StoredSlot};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use upstream::Upstream;
use world::{Plan, World};

const POLICY: &str = r#"{"version":"1","default":"deny","tools":{
    "echo":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":100}]}],
            "limits":[{"counter":"calls","window":"minute","max":4000000000}]}}}"#;

fn main() {
    divan::main();
}

#[derive(Debug)]
struct NoLog;

#[async_trait]
impl DecisionLog for NoLog {
    async fn commit(&self, _: &LogBatch) -> Result<(), StorageError> {
        Ok(())
    }

    async fn load_slots(&self, _: i64) -> Result<Vec<StoredSlot>, StorageError> {
        Ok(Vec::new())
    }

    async fn sweep_slots(&self, _: i64) -> Result<u64, StorageError> {
        Ok(0)
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn plan() -> Plan {
    Plan { log: Some(Arc::new(NoLog)), ..Plan::policy(POLICY) }
}

/// Authenticate, parse, decide, reserve and record; then the circuit is open.
#[divan::bench]
fn up_to_forward(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let (world, session) = runtime.block_on(async {
        let upstream = Upstream::ordinary().await;
        let world = World::start(&upstream.url(), plan()).await;
        let session = world.session().await;
        upstream.stop().await;
        for _ in 0..20 {
            world.call_tool(&session, "echo", &json!({ "amount": 5 })).await;
        }
        (world, session)
    });
    bench_call(bencher, &runtime, &world, &session, 5);
}

/// The same, refused by a rule.
#[divan::bench]
fn refused(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let (world, session) = runtime.block_on(async {
        let upstream = Upstream::ordinary().await;
        let world = World::start(&upstream.url(), plan()).await;
        let session = world.session().await;
        (world, session)
    });
    bench_call(bencher, &runtime, &world, &session, 500);
}

/// There and back, with an upstream in the same thread.
#[divan::bench]
fn there_and_back(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let (_upstream, world, session) = runtime.block_on(async {
        let upstream = Upstream::ordinary().await;
        let world = World::start(&upstream.url(), plan()).await;
        let session = world.session().await;
        (upstream, world, session)
    });
    bench_call(bencher, &runtime, &world, &session, 5);
}

fn bench_call(bencher: Bencher<'_, '_>, runtime: &Runtime, world: &World, session: &str, amount: u64) {
    let params = json!({ "name": "echo", "arguments": { "amount": amount } });
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    bencher
        .with_inputs(|| world.post_request(session, &body))
        .bench_values(|request| runtime.block_on(world.send(request)));
}
