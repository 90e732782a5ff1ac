//! What admission costs by itself: a log that keeps nothing, calls one after another and side by side.

use std::sync::Arc;

use async_trait::async_trait;
use divan::Bencher;
use ostiary_admission::{
    Admission, AdmissionRequest, AdmitOutcome, EmbeddedAdmission, EmbeddedConfig, Epochs, Release,
};
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, Clock, DecisionId, GrantId, Mode, PolicyId, ServerId, SystemClock};
use ostiary_policy::{Charge, Counter, LimitPlan, PlannedLimit, RulePointer, Scope, Window, WindowName};
use ostiary_storage::{DecisionLog, LogBatch, StorageError, StoredSlot};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

fn main() {
    divan::main();
}

/// A log that keeps nothing.
#[derive(Debug)]
struct NullLog;

#[async_trait]
impl DecisionLog for NullLog {
    async fn commit(&self, _batch: &LogBatch) -> Result<(), StorageError> {
        Ok(())
    }

    async fn load_slots(&self, _now_ms: i64) -> Result<Vec<StoredSlot>, StorageError> {
        Ok(Vec::new())
    }

    async fn sweep_slots(&self, _now_ms: i64) -> Result<u64, StorageError> {
        Ok(0)
    }
}

fn plan(counters: usize) -> LimitPlan {
    let names = (0..counters).map(|i| format!("counter_{i}"));
    LimitPlan {
        charges: names
            .map(|name| Charge {
                counter: Arc::new(Counter {
                    name: name.into(),
                    scope: Scope::Grant,
                    window: Window::Sliding { ms: 60_000 },
                }),
                bounds: None,
                count_micros: 1_000_000,
                amount_micros: 0,
            })
            .collect(),
        limits: (0..counters)
            .map(|charge| PlannedLimit {
                charge,
                max_micros: u64::MAX,
                rule: RulePointer::from("/all_tools/limits/0"),
                on_deny: None,
                window: WindowName::Seconds(60),
            })
            .collect(),
    }
}

fn decision(account_id: AccountId, server_id: ServerId, grant_id: GrantId, policy_id: PolicyId) -> Decision {
    let clock = SystemClock;
    Decision {
        id: DecisionId::generate(),
        time: clock.now(),
        account_id,
        server_id,
        server_slug: "payments".to_owned(),
        grant_id,
        grant_label: "support agent".to_owned(),
        session: None,
        client_name: None,
        client_version: None,
        protocol_version: None,
        method: "tools/call".to_owned(),
        target: Some("create_session".to_owned()),
        category: None,
        policy_id: Some(policy_id),
        policy_version: Some(1),
        mode: Mode::Enforce,
        outcome: Outcome::Allowed,
        code: None,
        rule: None,
        message: None,
        argument_names: Vec::new(),
        argument_hash: None,
        trace_id: None,
        bytes_in: 100,
        gateway_us: 10,
        ending: None,
    }
}

async fn admission() -> Arc<EmbeddedAdmission> {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let (clock, epochs) = (Arc::new(SystemClock), Arc::new(Epochs::new()));
    let config = EmbeddedConfig::default();
    let admission = EmbeddedAdmission::start(Arc::new(NullLog), clock, epochs, config, &tasks, shutdown).await;
    admission.expect("the null log never fails")
}

async fn admit_and_settle(admission: &EmbeddedAdmission, limits: &LimitPlan, decision: Decision) {
    let request = AdmissionRequest {
        epoch: 0,
        limits: Some(limits),
        plan: None,
        session: None,
        on_limits_unavailable: OnLimitsUnavailable::Deny,
        decision,
    };
    match admission.admit(request).await {
        Ok(AdmitOutcome::Admitted(permit)) => permit.send().settle(Release::Nothing, None),
        other => panic!("not admitted: {other:?}"),
    }
}

/// One call at a time: latency, two wake-ups included.
#[divan::bench(args = [0, 1, 3])]
fn admit_one(bencher: Bencher<'_, '_>, counters: usize) {
    let runtime = Runtime::new().expect("a runtime");
    let admission = runtime.block_on(admission());
    let limits = plan(counters);
    let (a, s, g, p) = (AccountId::generate(), ServerId::generate(), GrantId::generate(), PolicyId::generate());
    bencher
        .with_inputs(|| decision(a, s, g, p))
        .bench_values(|decision| runtime.block_on(admit_and_settle(&admission, &limits, decision)));
}

/// Sixty-four calls side by side, which share commits.
#[divan::bench(args = [1, 3])]
fn admit_sixty_four(bencher: Bencher<'_, '_>, counters: usize) {
    let runtime = Runtime::new().expect("a runtime");
    let admission = runtime.block_on(admission());
    let limits = plan(counters);
    let (a, s, g, p) = (AccountId::generate(), ServerId::generate(), GrantId::generate(), PolicyId::generate());
    bencher.with_inputs(|| (0..64).map(|_| decision(a, s, g, p)).collect::<Vec<_>>()).bench_values(|decisions| {
        runtime.block_on(async {
            let tasks = TaskTracker::new();
            for decision in decisions {
                let (admission, limits) = (Arc::clone(&admission), limits.clone());
                tasks.spawn(async move { admit_and_settle(&admission, &limits, decision).await });
            }
            tasks.close();
            tasks.wait().await;
        });
    });
}
