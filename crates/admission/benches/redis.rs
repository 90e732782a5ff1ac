//! What admission through Redis costs: one call at a time, and sixty-four side by side. Needs `redis-server`.

use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use ostiary_admission::contract::bed::several;
use ostiary_admission::contract::{Bed, MemoryLog, Subject};
use ostiary_admission::redis::{Drain, DrainConfig};
use ostiary_admission::{
    Admission, AdmissionRequest, AdmitOutcome, Epochs, RedisAdmission, RedisConfig, RedisEpochs, RedisLink, Release,
};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, Decision, SystemClock};
use ostiary_policy::LimitPlan;
use ostiary_storage::DecisionLog;
use ostiary_testkit::TestRedis;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

fn main() {
    divan::main();
}

#[derive(Debug)]
struct Replica {
    admission: Arc<RedisAdmission>,
    _drain: Drain,
    _redis: TestRedis,
}

impl Replica {
    fn start() -> Option<Self> {
        let redis = TestRedis::single()?;
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let link = RedisLink::open(redis.url(), Duration::from_secs(10)).expect("an address");
        let epochs = RedisEpochs::new(Arc::new(link), &TestRedis::prefix(), 16, Arc::new(Epochs::new()));
        let (epochs, log) = (Arc::new(epochs), MemoryLog::new() as Arc<dyn DecisionLog>);
        let drain = Drain::start(&epochs, &log, DrainConfig::default(), &tasks, &shutdown);
        let config = RedisConfig::default();
        let admission = RedisAdmission::start(epochs, log, Arc::new(SystemClock), config, &tasks, &shutdown);
        Some(Self { admission, _drain: drain, _redis: redis })
    }
}

#[async_trait::async_trait]
impl Subject for Replica {
    fn admission(&self) -> Arc<dyn Admission> {
        Arc::clone(&self.admission) as Arc<dyn Admission>
    }

    fn current(&self, account_id: AccountId) -> u64 {
        self.admission.epochs().current(account_id)
    }

    async fn advance(&self, _account_id: AccountId) {}

    fn pass_ms(&self, _ms: i64) {}

    async fn quiet(&self) {}

    async fn records(&self) -> Vec<Decision> {
        Vec::new()
    }
}

fn plan(limits: usize) -> LimitPlan {
    let counters = [("a", 4_000_000_000), ("b", 4_000_000_000), ("c", 4_000_000_000)];
    several(counters.get(..limits).unwrap_or_default())
}

async fn admit(admission: &dyn Admission, epoch: u64, limits: &LimitPlan, decision: Decision) {
    let on_limits_unavailable = OnLimitsUnavailable::Deny;
    let request =
        AdmissionRequest { epoch, limits: Some(limits), plan: None, session: None, on_limits_unavailable, decision };
    match admission.admit(request).await {
        Ok(AdmitOutcome::Admitted(permit)) => permit.send().settle(Release::Nothing, None),
        other => panic!("not admitted: {other:?}"),
    }
}

#[divan::bench(args = [0, 1, 3])]
fn admit_one(bencher: Bencher<'_, '_>, limits: usize) {
    let runtime = Runtime::new().expect("a runtime");
    let _guard = runtime.enter();
    let Some(replica) = Replica::start() else { return };
    let (bed, limits) = (Bed::new(&replica), plan(limits));
    runtime.block_on(async { drop(bed.take(&limits).await) });
    let epoch = replica.current(bed.account_id);
    bencher
        .with_inputs(|| bed.decision())
        .bench_values(|decision| runtime.block_on(admit(&*replica.admission, epoch, &limits, decision)));
}

/// Time for all sixty-four.
#[divan::bench(args = [1, 3])]
fn admit_sixty_four(bencher: Bencher<'_, '_>, limits: usize) {
    let runtime = Runtime::new().expect("a runtime");
    let _guard = runtime.enter();
    let Some(replica) = Replica::start() else { return };
    let (bed, limits) = (Bed::new(&replica), plan(limits));
    runtime.block_on(async { drop(bed.take(&limits).await) });
    let epoch = replica.current(bed.account_id);
    bencher.with_inputs(|| (0..64).map(|_| bed.decision()).collect::<Vec<_>>()).bench_values(|decisions| {
        runtime.block_on(async {
            let tasks = TaskTracker::new();
            for decision in decisions {
                let (admission, limits) = (Arc::clone(&replica.admission), limits.clone());
                tasks.spawn(async move { admit(&*admission, epoch, &limits, decision).await });
            }
            tasks.close();
            tasks.wait().await;
        });
    });
}
