//! Servers of which sentinels make another the first.

use std::time::{Duration, Instant};

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::{AdmissionRequest, AdmitOutcome};
use ostiary_model::decision::Outcome;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_policy::LimitPlan;
use ostiary_testkit::{PATIENCE, TestRedis, TestSentinels};

use crate::subject::{RedisSubject, config};

/// What the limit allows in all.
const MAX: usize = 60;

fn start() -> Option<(TestSentinels, RedisSubject)> {
    let sentinels = TestSentinels::start()?;
    let redis = TestRedis::at(sentinels.url());
    Some((sentinels, RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), config())))
}

/// One call; whether it was admitted.
async fn is_admitted(bed: &Bed<'_>, plan: &LimitPlan) -> bool {
    let epoch = bed.subject.current(bed.account_id);
    let on_limits_unavailable = OnLimitsUnavailable::Deny;
    let request =
        AdmissionRequest { epoch, limits: Some(plan), session: None, on_limits_unavailable, decision: bed.decision() };
    match bed.subject.admission().admit(request).await {
        Ok(AdmitOutcome::Admitted(permit)) => {
            drop(permit.send());
            true
        }
        _ => false,
    }
}

/// Takes half of the limit, brings the first server down, and calls until the other half is used up, too.
async fn calls_go_on(is_killed: bool) {
    let Some((sentinels, subject)) = start() else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", u64::try_from(MAX).expect("a number")));
    for _ in 0..MAX / 2 {
        drop(bed.take(&plan).await);
    }
    subject.records().await;
    let before = sentinels.first_port();
    let epoch = subject.current(bed.account_id);
    if is_killed {
        sentinels.kill_first();
    } else {
        sentinels.freeze_first();
    }
    let (began, mut admitted, mut recovered) = (Instant::now(), MAX / 2, None);
    while admitted < MAX {
        assert!(began.elapsed() < PATIENCE, "calls are not admitted again");
        if is_admitted(&bed, &plan).await {
            recovered.get_or_insert_with(|| began.elapsed());
            admitted += 1;
        } else {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    println!("admitted again after {:?}, killed: {is_killed}", recovered.expect("a first call"));
    assert_ne!(sentinels.first_port(), before);
    // One that was asleep is told by the sentinels that it is not the first any more.
    sentinels.thaw();
    for _ in 0..20 {
        assert!(!is_admitted(&bed, &plan).await, "more than the limit");
    }
    assert!(!subject.admission.epochs().is_fresh(bed.account_id, epoch).await.expect("Redis is there"));
    let records = subject.records().await;
    assert_eq!(records.iter().filter(|record| record.outcome == Outcome::Allowed).count(), MAX);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_server_that_is_killed_is_replaced_and_limits_go_on() {
    calls_go_on(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_server_that_is_frozen_is_replaced_and_limits_go_on() {
    calls_go_on(false).await;
}
