//! Records reach the log once each, whatever happens to those who move them.

use std::time::Duration;

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::{AdmissionError, AdmissionRequest, AdmitOutcome, RedisConfig};
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
    let request =
        AdmissionRequest { epoch, limits: Some(&plan), plan: None, session: None, on_limits_unavailable, decision };
    assert!(matches!(subject.admission().admit(request).await, Err(AdmissionError::LogUnavailable)));
    subject.log.set_away(false);
    assert_eq!(subject.records().await.len(), 3);
    drop(bed.take(&plan).await);
}

/// An account that makes records faster than they are moved is refused before its neighbours in the shard are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backlog_of_one_account_leaves_places_for_others() {
    let Some(redis) = TestRedis::single() else { return };
    let few = RedisConfig { records: 40, share: 3, ..config() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), few);
    let (noisy, quiet) = neighbours(&subject);
    subject.log.set_away(true);
    for _ in 0..20 {
        assert!(is_admitted(&subject, &noisy).await, "half of the places");
    }
    assert!(is_admitted(&subject, &quiet).await);
    for _ in 0..3 {
        assert!(is_admitted(&subject, &noisy).await, "a share");
    }
    assert!(!is_admitted(&subject, &noisy).await);
    for _ in 0..2 {
        assert!(is_admitted(&subject, &quiet).await);
    }
    subject.log.set_away(false);
    assert_eq!(subject.records().await.len(), 26);
    assert!(is_admitted(&subject, &noisy).await, "there is room again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backlog_of_an_account_alone_leaves_a_tenth() {
    let Some(redis) = TestRedis::single() else { return };
    let few = RedisConfig { records: 40, share: 3, ..config() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), few);
    let (noisy, quiet) = neighbours(&subject);
    subject.log.set_away(true);
    let mut admitted = 0;
    while is_admitted(&subject, &noisy).await {
        admitted += 1;
    }
    assert_eq!(admitted, 36);
    for _ in 0..3 {
        assert!(is_admitted(&subject, &quiet).await);
    }
    assert!(!is_admitted(&subject, &noisy).await);
}

/// Two accounts in one shard, of however many.
fn neighbours<'a>(subject: &'a RedisSubject) -> (Bed<'a>, Bed<'a>) {
    let end = |bed: &Bed<'_>| bed.account_id.as_uuid().as_u128() as u8;
    let (one, mut other) = (Bed::new(subject), Bed::new(subject));
    while end(&other) != end(&one) {
        other = Bed::new(subject);
    }
    (one, other)
}

async fn is_admitted(subject: &RedisSubject, bed: &Bed<'_>) -> bool {
    for _ in 0..5 {
        let (epoch, decision) = (subject.current(bed.account_id), bed.decision());
        let on_limits_unavailable = OnLimitsUnavailable::Deny;
        let request =
            AdmissionRequest { epoch, limits: None, plan: None, session: None, on_limits_unavailable, decision };
        match subject.admission().admit(request).await {
            Ok(AdmitOutcome::Stale) => {}
            Ok(AdmitOutcome::Admitted(permit)) => {
                drop(permit.send());
                return true;
            }
            _ => return false,
        }
    }
    panic!("stale again and again");
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
