//! Data that Redis has acknowledged and does not have any more.

use std::time::Duration;

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::{AdmissionRequest, AdmitOutcome, RedisConfig};
use ostiary_counters::Release;
use ostiary_model::Decision;
use ostiary_model::decision::{Ending, EndingResult};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_policy::DenialCode;
use ostiary_testkit::{TestRedis, wait_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::subject::{RedisSubject, admission, config};

fn start() -> Option<RedisSubject> {
    Some(RedisSubject::replica(TestRedis::own()?, &TestRedis::prefix(), MemoryLog::new(), config()))
}

/// Waits until the log has so many records, without asking Redis for any.
async fn logged(log: &MemoryLog, count: usize) -> Vec<Decision> {
    let records = async || Some(log.records()).filter(|records| records.len() == count);
    wait_until("the records are in the log", records).await
}

/// Longer than it takes until a process has asked how far its records are.
async fn a_look() {
    tokio::time::sleep(Duration::from_millis(2_500)).await;
}

async fn is_admitted_without_limits(bed: &Bed<'_>) -> bool {
    let (epoch, decision) = (bed.subject.current(bed.account_id), bed.decision());
    let request = AdmissionRequest {
        epoch,
        limits: None,
        plan: None,
        session: None,
        on_limits_unavailable: OnLimitsUnavailable::Deny,
        decision,
    };
    matches!(bed.subject.admission().admit(request).await, Ok(AdmitOutcome::Admitted(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_an_emptied_redis_lost_are_in_the_log() {
    let Some(mut subject) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", 2));
    subject.log.set_away(true);
    let ending = Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 9, upstream_ms: 1 };
    bed.take(&plan).await.settle(Release::Nothing, Some(ending.clone()));
    drop(bed.take(&plan).await);
    bed.refuse(&plan).await;
    subject.quiet().await;
    subject.redis.kill();
    subject.redis.forget();
    subject.redis.start_again();
    subject.log.set_away(false);
    let records = logged(&subject.log, 3).await;
    assert_eq!(records.iter().filter(|record| record.code.as_deref() == Some("limit_exceeded")).count(), 1);
    assert_eq!(records.iter().filter(|record| record.ending.as_ref() == Some(&ending)).count(), 1);
    let forgotten = async || (subject.admission.kept_bytes() == 0).then_some(());
    wait_until("nothing is kept any more", forgotten).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_whose_keys_were_removed_are_in_the_log() {
    let Some(subject) = start() else { return };
    let bed = Bed::new(&subject);
    subject.log.set_away(true);
    drop(bed.take(&calls("a", 2)).await);
    a_look().await;
    assert_eq!(subject.redis.cli(&["flushall"]), "OK");
    subject.log.set_away(false);
    logged(&subject.log, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_a_dead_redis_has_are_in_the_log() {
    let Some(subject) = start() else { return };
    let bed = Bed::new(&subject);
    subject.log.set_away(true);
    drop(bed.take(&calls("a", 2)).await);
    subject.redis.kill();
    subject.log.set_away(false);
    logged(&subject.log, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_a_process_that_ends_without_redis_are_in_the_log() {
    let Some(redis) = TestRedis::own() else { return };
    let (tasks, shutdown, log) = (TaskTracker::new(), CancellationToken::new(), MemoryLog::new());
    let ending = admission(redis.url(), &TestRedis::prefix(), &log, config(), &tasks, &shutdown);
    let account_id = ostiary_model::AccountId::generate();
    let subject =
        RedisSubject::replica(TestRedis::at(redis.url().to_owned()), &TestRedis::prefix(), MemoryLog::new(), config());
    let bed = Bed::new(&subject);
    let call = async || {
        let (epoch, decision) = (ending.epochs().current(account_id), Decision { account_id, ..bed.decision() });
        let on_limits_unavailable = OnLimitsUnavailable::Deny;
        let request =
            AdmissionRequest { epoch, limits: None, plan: None, session: None, on_limits_unavailable, decision };
        match ostiary_admission::Admission::admit(&*ending, request).await {
            Ok(AdmitOutcome::Admitted(permit)) => {
                drop(permit.send());
                Some(())
            }
            _ => None,
        }
    };
    wait_until("the call is admitted", call).await;
    redis.kill();
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    assert_eq!(log.records().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_refused_when_too_many_records_are_kept() {
    let Some(redis) = TestRedis::own() else { return };
    let few = RedisConfig { kept: 1_000, ..config() };
    let subject = RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), few);
    let bed = Bed::new(&subject);
    subject.log.set_away(true);
    let refused =
        async || (!is_admitted_without_limits(&bed).await && subject.admission.kept_bytes() > 1_000).then_some(());
    wait_until("calls are refused", refused).await;
    assert!(!is_admitted_without_limits(&bed).await);
    subject.log.set_away(false);
    wait_until("calls are admitted", async || is_admitted_without_limits(&bed).await.then_some(())).await;
}

/// The copy looks whole: what was counted after it was made is missing all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_with_an_old_copy_of_its_data_judges_no_window_that_began_before() {
    let Some(mut subject) = start() else { return };
    let plan = calls("a", 9);
    let old = Bed::new(&subject);
    let account_id = old.account_id;
    drop(old.take(&plan).await);
    // An hour after the account was made.
    let made_ms = i64::try_from(account_id.as_uuid().as_u128() >> 80).expect("a time");
    subject.pass(made_ms + 3_600_000);
    drop(old.take(&plan).await);
    subject.records().await;
    let copy = subject.redis.copy();
    a_look().await;
    let mut old = Bed::new(&subject);
    old.account_id = account_id;
    drop(old.take(&plan).await);
    let records = subject.records().await.len();
    subject.redis.kill();
    subject.redis.restore(&copy);
    subject.redis.start_again();
    let mut old = Bed::new(&subject);
    old.account_id = account_id;
    wait_until("calls without limits are admitted", async || is_admitted_without_limits(&old).await.then_some(()))
        .await;
    assert_eq!(old.refuse(&plan).await.code, DenialCode::LimitsUnavailable);
    subject.pass(59_999);
    assert_eq!(old.refuse(&plan).await.code, DenialCode::LimitsUnavailable);
    subject.pass(1);
    drop(old.take(&plan).await);
    assert!(subject.records().await.len() > records);
}
