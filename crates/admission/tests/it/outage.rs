//! Redis that is frozen, killed, restarted or new, and replicas that die.

use std::time::{Duration, Instant};

use ostiary_admission::contract::bed::{at_once, calls};
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::redis::epochs::CHANGING;
use ostiary_admission::{Admission as _, AdmissionError, AdmissionRequest, AdmitOutcome, InFlightError, RedisConfig};
use ostiary_model::decision::Outcome;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_policy::{DenialCode, LimitPlan};
use ostiary_testkit::{TestRedis, wait_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::subject::{RedisSubject, admission, config};

/// The longest that a call may wait for a Redis that says nothing: its patience twice, and a busy machine.
const BOUND: Duration = Duration::from_secs(6);

fn start() -> Option<RedisSubject> {
    Some(RedisSubject::replica(TestRedis::own()?, &TestRedis::prefix(), MemoryLog::new(), config()))
}

async fn attempt(
    bed: &Bed<'_>,
    limits: Option<&LimitPlan>,
    on_limits_unavailable: OnLimitsUnavailable,
) -> Result<AdmitOutcome, AdmissionError> {
    let epoch = bed.subject.current(bed.account_id);
    let request =
        AdmissionRequest { epoch, limits, plan: None, session: None, on_limits_unavailable, decision: bed.decision() };
    bed.subject.admission().admit(request).await
}

/// Calls again until Redis is back.
async fn recovered(bed: &Bed<'_>, plan: &LimitPlan) {
    let call = async || match attempt(bed, Some(plan), OnLimitsUnavailable::Deny).await {
        Ok(AdmitOutcome::Admitted(permit)) => {
            drop(permit.send());
            Some(())
        }
        _ => None,
    };
    wait_until("calls are admitted again", call).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frozen_redis_refuses_in_time_and_what_was_under_way_is_given_back() {
    let Some(subject) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 2));
    drop(bed.take(&plan).await);

    subject.redis.freeze();
    let began = Instant::now();
    let Ok(AdmitOutcome::Denied(denial)) = attempt(&bed, Some(&plan), OnLimitsUnavailable::Deny).await else {
        panic!("not refused");
    };
    assert_eq!(denial.code, DenialCode::LimitsUnavailable);
    let unlimited = attempt(&bed, None, OnLimitsUnavailable::Deny).await;
    assert!(matches!(unlimited, Err(AdmissionError::LogUnavailable)));
    assert!(began.elapsed() < 2 * BOUND, "{:?}", began.elapsed());

    subject.redis.thaw();
    // Both were taken by the thawed Redis; what they took came back, so that one more fits.
    recovered(&bed, &plan).await;
    bed.refuse(&plan).await;
    let denied =
        subject.records().await.into_iter().filter(|record| record.code.as_deref() == Some("limits_unavailable"));
    assert_eq!(denied.count(), 1, "the refusal is recorded, although Redis was away");
    // Redis learns that nobody waits for them after it has taken them.
    let ended = async || {
        let records = subject.records().await;
        (records.iter().filter(|record| record.ending.is_some()).count() == 2).then_some(())
    };
    wait_until("both calls that were under way have an end", ended).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_allows_is_called_unmetered_after_one_more_look() {
    let Some(subject) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 1));
    drop(bed.take(&plan).await);
    subject.redis.kill();
    assert!(matches!(attempt(&bed, Some(&plan), OnLimitsUnavailable::Allow).await, Ok(AdmitOutcome::Stale)));
    for _ in 0..3 {
        let Ok(AdmitOutcome::Admitted(permit)) = attempt(&bed, Some(&plan), OnLimitsUnavailable::Allow).await else {
            panic!("not admitted");
        };
        assert_eq!(permit.outcome(), Outcome::AllowedUnmetered);
        drop(permit.send());
    }
    let unmetered = subject.log.records().into_iter().filter(|record| record.outcome == Outcome::AllowedUnmetered);
    assert_eq!(unmetered.count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarted_redis_remembers_limits_and_trusts_no_reader() {
    let Some(mut subject) = start() else { return };
    let (account, plan) = (Bed::new(&subject).account_id, calls("a", 2));
    {
        let mut bed = Bed::new(&subject);
        bed.account_id = account;
        drop(bed.take(&plan).await);
    }
    // Its file is written every second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    subject.redis.kill();
    subject.redis.start_again();
    let mut bed = Bed::new(&subject);
    bed.account_id = account;
    let stale = async || match attempt(&bed, Some(&plan), OnLimitsUnavailable::Deny).await {
        Ok(AdmitOutcome::Stale) => Some(()),
        Ok(AdmitOutcome::Admitted(_)) => panic!("last writes may be lost, and nobody looks again"),
        _ => None,
    };
    wait_until("Redis is back", stale).await;
    assert_eq!(subject.records().await.first().map(|record| record.outcome), Some(Outcome::Allowed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_redis_trusts_no_reader() {
    let Some(mut subject) = start() else { return };
    let plan = calls("a", 9);
    let account = Bed::new(&subject).account_id;
    let epoch = {
        let mut bed = Bed::new(&subject);
        bed.account_id = account;
        drop(bed.take(&plan).await);
        subject.current(account)
    };
    subject.records().await;
    subject.redis.kill();
    subject.redis.forget();
    subject.redis.start_again();
    let mut bed = Bed::new(&subject);
    bed.account_id = account;
    recovered(&bed, &plan).await;
    assert!(matches!(bed.attempt(epoch, &plan, bed.decision()).await, AdmitOutcome::Stale));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn empty_redis_judges_no_window_that_began_before() {
    let Some(mut subject) = start() else { return };
    let plan = calls("a", 9);
    let old = Bed::new(&subject);
    let account_id = old.account_id;
    drop(old.take(&plan).await);
    // An hour after the account was made.
    let made_ms = i64::try_from(account_id.as_uuid().as_u128() >> 80).expect("a time");
    subject.pass(made_ms + 3_600_000);
    // By now nobody is on the way to Redis with an earlier time.
    drop(old.take(&plan).await);
    subject.records().await;
    subject.redis.kill();
    subject.redis.forget();
    assert_eq!(subject.admission.calls_in_flight(account_id).await, Err(InFlightError));
    subject.redis.start_again();
    let mut old = Bed::new(&subject);
    old.account_id = account_id;
    let without_limits = async || match attempt(&old, None, OnLimitsUnavailable::Deny).await {
        Ok(AdmitOutcome::Admitted(permit)) => {
            drop(permit.send());
            Some(())
        }
        _ => None,
    };
    wait_until("calls without limits are admitted", without_limits).await;
    assert_eq!(old.refuse(&plan).await.code, DenialCode::LimitsUnavailable);
    // What was in flight is heard of again within a lease.
    assert_eq!(subject.admission.calls_in_flight(account_id).await, Err(InFlightError));
    subject.pass(2_999);
    assert_eq!(subject.admission.calls_in_flight(account_id).await, Err(InFlightError));
    subject.pass(1);
    assert_eq!(subject.admission.calls_in_flight(account_id).await, Ok(0));
    subject.pass(56_999);
    assert_eq!(old.refuse(&plan).await.code, DenialCode::LimitsUnavailable);
    subject.pass(1);
    drop(old.take(&plan).await);
    let records = subject.records().await;
    let refused = records.iter().filter(|record| record.code.as_deref() == Some("limits_unavailable"));
    assert_eq!(refused.count(), 2, "refusals are recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_a_server_forgot_are_loaded_again() {
    let Some(subject) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 9));
    for _ in 0..3 {
        drop(bed.take(&plan).await);
        assert_eq!(subject.redis.cli(&["script", "flush"]), "OK");
    }
    assert_eq!(subject.records().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_acknowledged_by_one_replica_is_enforced_by_another() {
    let Some(redis) = TestRedis::own() else { return };
    let (tasks, shutdown, prefix) = (TaskTracker::new(), CancellationToken::new(), TestRedis::prefix());
    let log = MemoryLog::new();
    let other = admission(redis.url(), &prefix, &log, config(), &tasks, &shutdown);
    let subject = RedisSubject::replica(redis, &prefix, log, config());
    let (bed, plan) = (Bed::new(&subject), calls("a", 99));
    for _ in 0..5 {
        drop(bed.take(&plan).await);
        let epoch = subject.current(bed.account_id);
        assert!(subject.admission.epochs().is_fresh(bed.account_id, epoch).await.is_ok_and(|is_fresh| is_fresh));
        other.epochs().advance(bed.account_id).await.expect("Redis is there");
        assert!(matches!(bed.attempt(epoch, &plan, bed.decision()).await, AdmitOutcome::Stale));
        assert!(!subject.admission.epochs().is_fresh(bed.account_id, epoch).await.expect("Redis is there"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_of_a_process_that_died_is_read_in_the_end() {
    let Some(subject) = RedisSubject::start(TestRedis::single()) else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 99));
    drop(bed.take(&plan).await);
    let before = subject.current(bed.account_id);
    subject.admission.epochs().prepare(bed.account_id).await.expect("Redis is there");
    // Another change is made and acknowledged meanwhile.
    subject.advance(bed.account_id).await;
    assert!(matches!(bed.attempt(before, &plan, bed.decision()).await, AdmitOutcome::Stale));
    drop(bed.take(&plan).await);
    let during = subject.current(bed.account_id);
    subject.pass(i64::try_from(CHANGING.as_millis()).expect("a minute") - 1);
    assert!(matches!(bed.attempt(during, &plan, bed.decision()).await, AdmitOutcome::Admitted(_)));
    subject.pass(1);
    assert!(matches!(bed.attempt(during, &plan, bed.decision()).await, AdmitOutcome::Stale));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn place_of_a_dead_process_is_free_after_its_lease_and_of_a_living_one_is_not() {
    let Some(redis) = TestRedis::own() else { return };
    let (prefix, log) = (TestRedis::prefix(), MemoryLog::new());
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let dying = admission(redis.url(), &prefix, &log, config(), &tasks, &shutdown);
    let subject = RedisSubject::replica(redis, &prefix, log, config());
    let (bed, plan) = (Bed::new(&subject), at_once(1));
    let call = async || {
        let (epoch, decision) = (dying.epochs().current(bed.account_id), bed.decision());
        let on_limits_unavailable = OnLimitsUnavailable::Deny;
        let request =
            AdmissionRequest { epoch, limits: Some(&plan), plan: None, session: None, on_limits_unavailable, decision };
        match ostiary_admission::Admission::admit(&*dying, request).await {
            Ok(AdmitOutcome::Admitted(permit)) => Some(permit.send()),
            _ => None,
        }
    };
    let in_flight = wait_until("the call is admitted", call).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    bed.refuse(&plan).await;
    // What dies renews nothing, and ends nothing.
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    drop(in_flight);
    let free = async || match attempt(&bed, Some(&plan), OnLimitsUnavailable::Deny).await {
        Ok(AdmitOutcome::Admitted(permit)) => {
            drop(permit.send());
            Some(())
        }
        _ => None,
    };
    wait_until("the lease has ended", free).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_with_too_many_counters_is_refused_until_some_have_ended() {
    let Some(redis) = TestRedis::single() else { return };
    let few = RedisConfig { counters: 3, ..config() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), few);
    subject.pass(0);
    let bed = Bed::new(&subject);
    for name in ["a", "b", "c"] {
        drop(bed.take(&calls(name, 9)).await);
    }
    drop(bed.take(&calls("a", 9)).await);
    assert_eq!(bed.refuse(&calls("d", 9)).await.code, DenialCode::LimitsUnavailable);
    let records = subject.records().await;
    assert_eq!(records.iter().filter(|record| record.code.as_deref() == Some("limits_unavailable")).count(), 1);
    subject.pass(62_000);
    drop(bed.take(&calls("d", 9)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_that_leaves_gets_its_share_given_back() {
    let Some(subject) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 2));
    drop(bed.take(&plan).await);
    subject.redis.freeze();
    for _ in 0..5 {
        let admission = subject.admission();
        let (epoch, decision) = (subject.current(bed.account_id), bed.decision());
        let on_limits_unavailable = OnLimitsUnavailable::Deny;
        let request =
            AdmissionRequest { epoch, limits: Some(&plan), plan: None, session: None, on_limits_unavailable, decision };
        let left = tokio::time::timeout(Duration::from_millis(20), admission.admit(request)).await;
        assert!(left.is_err());
    }
    subject.redis.thaw();
    recovered(&bed, &plan).await;
    bed.refuse(&plan).await;
}
