//! The backends as the contract knows them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use ostiary_admission::contract::{MemoryLog, Subject};
use ostiary_admission::redis::{Drain, DrainConfig};
use ostiary_admission::{
    Admission, EmbeddedAdmission, EmbeddedConfig, Epochs, RedisAdmission, RedisConfig, RedisEpochs, RedisLink,
};
use ostiary_model::{AccountId, Clock, Decision, ManualClock};
use ostiary_storage::DecisionLog;
use ostiary_testkit::{PATIENCE, TestRedis};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Debug)]
pub(crate) struct EmbeddedSubject {
    admission: Arc<EmbeddedAdmission>,
    epochs: Arc<Epochs>,
    clock: Arc<ManualClock>,
    log: Arc<MemoryLog>,
}

impl EmbeddedSubject {
    pub(crate) async fn start() -> Option<Self> {
        let (clock, epochs, log) = (clock(), Arc::new(Epochs::new()), MemoryLog::new());
        let tasks = TaskTracker::new();
        let admission = EmbeddedAdmission::start(
            Arc::clone(&log) as Arc<dyn DecisionLog>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&epochs),
            EmbeddedConfig::default(),
            &tasks,
            CancellationToken::new(),
        );
        Some(Self { admission: admission.await.expect("an empty log"), epochs, clock, log })
    }
}

#[async_trait]
impl Subject for EmbeddedSubject {
    fn admission(&self) -> Arc<dyn Admission> {
        Arc::clone(&self.admission) as Arc<dyn Admission>
    }

    fn current(&self, account_id: AccountId) -> u64 {
        self.epochs.current(account_id)
    }

    async fn advance(&self, account_id: AccountId) {
        self.epochs.advance(account_id);
    }

    fn pass_ms(&self, ms: i64) {
        self.clock.advance(TimeDelta::milliseconds(ms));
    }

    async fn quiet(&self) {
        let began = Instant::now();
        while self.admission.endings_waiting() > 0 {
            pause(began).await;
        }
    }

    async fn records(&self) -> Vec<Decision> {
        self.quiet().await;
        self.log.records()
    }
}

/// One replica: it admits, and it moves records.
#[derive(Debug)]
pub(crate) struct RedisSubject {
    pub(crate) redis: TestRedis,
    pub(crate) admission: Arc<RedisAdmission>,
    pub(crate) log: Arc<MemoryLog>,
    clock: Arc<ManualClock>,
    now_ms: AtomicI64,
    _drain: Drain,
}

impl RedisSubject {
    /// A replica whose time is that of the test.
    pub(crate) fn start(redis: Option<TestRedis>) -> Option<Self> {
        let started = Self::replica(redis?, &TestRedis::prefix(), MemoryLog::new(), config());
        started.admission.epochs().set_now_ms(0);
        Some(started)
    }

    /// A replica whose time is that of Redis.
    pub(crate) fn replica(redis: TestRedis, prefix: &str, log: Arc<MemoryLog>, config: RedisConfig) -> Self {
        let epochs = epochs(redis.url(), prefix);
        Self::linked(redis, epochs, log, config)
    }

    /// A replica over epochs that are there, whose time is that of Redis.
    pub(crate) fn linked(redis: TestRedis, epochs: Arc<RedisEpochs>, log: Arc<MemoryLog>, config: RedisConfig) -> Self {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let decisions = Arc::clone(&log) as Arc<dyn DecisionLog>;
        let admission = RedisAdmission::start(epochs, decisions, clock(), config, &tasks, &shutdown);
        let drain = drain(&admission, &log, &tasks, &shutdown);
        Self { redis, admission, log, clock: clock(), now_ms: AtomicI64::new(0), _drain: drain }
    }

    /// Moves the clock on, and answers what it shows.
    pub(crate) fn pass(&self, ms: i64) -> i64 {
        self.clock.advance(TimeDelta::milliseconds(ms));
        let now_ms = self.now_ms.fetch_add(ms, Ordering::SeqCst) + ms;
        self.admission.epochs().set_now_ms(now_ms);
        now_ms
    }
}

/// What tests use: everything as usual, but leases that end within a test.
pub(crate) fn config() -> RedisConfig {
    RedisConfig { lease: Duration::from_secs(3), ..RedisConfig::default() }
}

/// Admission without a drain.
pub(crate) fn admission(
    url: &str,
    prefix: &str,
    log: &Arc<MemoryLog>,
    config: RedisConfig,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> Arc<RedisAdmission> {
    let log = Arc::clone(log) as Arc<dyn DecisionLog>;
    RedisAdmission::start(epochs(url, prefix), log, clock(), config, tasks, shutdown)
}

pub(crate) fn epochs(url: &str, prefix: &str) -> Arc<RedisEpochs> {
    let link = Arc::new(RedisLink::open(url, Duration::from_secs(10)).expect("an address"));
    Arc::new(RedisEpochs::new(link, prefix, 16, Arc::new(Epochs::new())))
}

/// A drain that loses no time.
pub(crate) fn drain(
    admission: &RedisAdmission,
    log: &Arc<MemoryLog>,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) -> Drain {
    let config = DrainConfig { idle: Duration::from_millis(5), hold: Duration::from_secs(2), ..DrainConfig::default() };
    let log = Arc::clone(log) as Arc<dyn DecisionLog>;
    Drain::start(admission.epochs(), &log, config, tasks, shutdown)
}

/// A moment of waiting, which must have an end.
async fn pause(began: Instant) {
    assert!(began.elapsed() < PATIENCE, "waited in vain");
    sleep(Duration::from_millis(2)).await;
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(DateTime::UNIX_EPOCH))
}

#[async_trait]
impl Subject for RedisSubject {
    fn admission(&self) -> Arc<dyn Admission> {
        Arc::clone(&self.admission) as Arc<dyn Admission>
    }

    fn current(&self, account_id: AccountId) -> u64 {
        self.admission.epochs().current(account_id)
    }

    async fn advance(&self, account_id: AccountId) {
        self.admission.epochs().advance(account_id).await.expect("Redis is there");
    }

    fn pass_ms(&self, ms: i64) {
        self.pass(ms);
    }

    async fn quiet(&self) {
        let began = Instant::now();
        while self.admission.endings_waiting() > 0 {
            pause(began).await;
        }
    }

    async fn records(&self) -> Vec<Decision> {
        self.quiet().await;
        let began = Instant::now();
        while !self.admission.records_waiting().await.is_ok_and(|waiting| waiting == 0) {
            pause(began).await;
        }
        self.log.records()
    }
}
