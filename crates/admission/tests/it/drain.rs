//! Records reach the log once each, whatever happens to those who move them.

use std::time::Duration;

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::{AdmissionError, AdmissionRequest, RedisConfig};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_testkit::{TestRedis, wait_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::subject::{RedisSubject, admission, config, drain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_wait_for_a_log_that_is_away() {
    let Some(redis) = TestRedis::single() else { return };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), config());
    let (bed, plan) = (Bed::new(&subject), calls("a", 999));
    subject.log.set_away(true);
    for _ in 0..20 {
        drop(bed.take(&plan).await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(subject.admission.records_waiting().await.expect("Redis is there"), 20);
    subject.log.set_away(false);
    assert_eq!(subject.records().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backlog_at_its_bound_refuses_and_keeps_everything() {
    let Some(redis) = TestRedis::single() else { return };
    let few = RedisConfig { records: 3, ..config() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), few);
    let (bed, plan) = (Bed::new(&subject), calls("a", 999));
    subject.log.set_away(true);
    for _ in 0..3 {
        drop(bed.take(&plan).await);
    }
    let (epoch, decision) = (subject.current(bed.account_id), bed.decision());
    let on_limits_unavailable = OnLimitsUnavailable::Allow;
    let request = AdmissionRequest { epoch, limits: Some(&plan), session: None, on_limits_unavailable, decision };
    assert!(matches!(subject.admission().admit(request).await, Err(AdmissionError::LogUnavailable)));
    subject.log.set_away(false);
    assert_eq!(subject.records().await.len(), 3);
    drop(bed.take(&plan).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_would_move_records_do_not_move_any_twice() {
    let Some(redis) = TestRedis::single() else { return };
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let (prefix, log) = (TestRedis::prefix(), MemoryLog::new());
    let other = admission(redis.url(), &prefix, &log, config(), &tasks, &shutdown);
    let _other = drain(&other, &log, &tasks, &shutdown);
    let subject = RedisSubject::replica(redis, &prefix, log, config());
    let (bed, plan) = (Bed::new(&subject), calls("a", 999));
    for _ in 0..300 {
        drop(bed.take(&plan).await);
    }
    assert_eq!(subject.records().await.len(), 300);
    assert_eq!(subject.log.repeated(), 0);
}

/// A process that is killed gives nothing up: its runtime stops with everything in it.
#[test]
fn shards_of_a_dead_process_are_taken_over() {
    let Some(redis) = TestRedis::own() else { return };
    let (prefix, log) = (TestRedis::prefix(), MemoryLog::new());
    let dying = tokio::runtime::Runtime::new().expect("a runtime");
    dying.block_on(async {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let admission = admission(redis.url(), &prefix, &log, config(), &tasks, &shutdown);
        let _drain = drain(&admission, &log, &tasks, &shutdown);
        wait_until("all shards are taken", async || {
            (redis.cli(&["--scan", "--pattern", "*:holder"]).lines().count() == 16).then_some(())
        })
        .await;
    });
    dying.shutdown_background();
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let subject = RedisSubject::replica(redis, &prefix, log, config());
        let bed = Bed::new(&subject);
        drop(bed.take(&calls("a", 9)).await);
        assert_eq!(subject.records().await.len(), 1);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn record_that_nobody_can_read_is_set_aside_and_holds_up_no_other() {
    let Some(redis) = TestRedis::own() else { return };
    let prefix = TestRedis::prefix();
    for shard in 0..16 {
        for field in ["d", "e", "x"] {
            let _id = redis.cli(&["xadd", &format!("{prefix}:{{s{shard:02}}}:records"), "*", field, "{}"]);
        }
    }
    let subject = RedisSubject::replica(redis, &prefix, MemoryLog::new(), config());
    let bed = Bed::new(&subject);
    drop(bed.take(&calls("a", 9)).await);
    assert_eq!(subject.records().await.len(), 1);
    let aside =
        (0..16).map(|shard| subject.redis.cli(&["xlen", &format!("{prefix}:{{s{shard:02}}}:records:set_aside")]));
    assert!(aside.collect::<Vec<_>>().iter().all(|count| count == "3"));
}
