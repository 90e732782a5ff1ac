//! Servers of which sentinels make another the first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ostiary_admission::contract::bed::calls;
use ostiary_admission::contract::{Bed, MemoryLog, Subject as _};
use ostiary_admission::{AdmissionRequest, AdmitOutcome, Epochs, RedisEpochs, RedisLink};
use ostiary_model::DecisionId;
use ostiary_model::decision::Outcome;
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_policy::LimitPlan;
use ostiary_testkit::{PATIENCE, TestAuthority, TestRedis, TestSentinels};

use crate::subject::{RedisSubject, config};

/// What the limit allows in all.
const MAX: usize = 60;

/// What a test needs; the files of an authority are read as long as it goes on.
type Started = Option<(TestSentinels, RedisSubject, Option<TestAuthority>)>;

fn start() -> Started {
    let sentinels = TestSentinels::start()?;
    let redis = TestRedis::at(sentinels.url());
    Some((sentinels, RedisSubject::replica(redis, &TestRedis::prefix(), MemoryLog::new(), config()), None))
}

/// The same, over TLS and with users everywhere.
fn start_guarded() -> Started {
    let (authority, prefix) = (TestAuthority::new(), TestRedis::prefix());
    let sentinels = TestSentinels::guarded(&authority, &prefix)?;
    let trusted = std::fs::read(authority.root()).expect("the certificate");
    let link = RedisLink::open_trusting(&sentinels.url(), Some(trusted), Duration::from_secs(10)).expect("an address");
    let epochs = Arc::new(RedisEpochs::new(Arc::new(link), &prefix, 16, Arc::new(Epochs::new())));
    let redis = TestRedis::at(sentinels.url());
    Some((sentinels, RedisSubject::linked(redis, epochs, MemoryLog::new(), config()), Some(authority)))
}

/// One call; its record, if it was admitted.
async fn admitted(bed: &Bed<'_>, plan: &LimitPlan) -> Option<DecisionId> {
    let epoch = bed.subject.current(bed.account_id);
    let on_limits_unavailable = OnLimitsUnavailable::Deny;
    let request = AdmissionRequest {
        epoch,
        limits: Some(plan),
        plan: None,
        session: None,
        on_limits_unavailable,
        decision: bed.decision(),
    };
    match bed.subject.admission().admit(request).await {
        Ok(AdmitOutcome::Admitted(permit)) => Some(permit.send().decision_id()),
        _ => None,
    }
}

/// Takes half of the limit, brings the first server down, and calls until the other half is used up, too.
async fn calls_go_on(started: Started, is_killed: bool) {
    let Some((sentinels, subject, _authority)) = started else { return };
    let (bed, plan) = (Bed::new(&subject), calls("a", u64::try_from(MAX).expect("a number")));
    let mut taken = Vec::new();
    for _ in 0..MAX / 2 {
        taken.push(bed.take(&plan).await.decision_id());
    }
    subject.records().await;
    let before = sentinels.first_port();
    let epoch = subject.current(bed.account_id);
    if is_killed {
        sentinels.kill_first();
    } else {
        sentinels.freeze_first();
    }
    let (began, mut recovered) = (Instant::now(), None);
    while taken.len() < MAX {
        assert!(began.elapsed() < PATIENCE, "{} of {MAX} calls were admitted", taken.len());
        if let Some(decision_id) = admitted(&bed, &plan).await {
            recovered.get_or_insert_with(|| began.elapsed());
            taken.push(decision_id);
        } else {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    println!("admitted again after {:?}, killed: {is_killed}", recovered.expect("a first call"));
    assert_ne!(sentinels.first_port(), before);
    // One that was asleep is told by the sentinels that it is not the first any more.
    sentinels.thaw();
    for _ in 0..20 {
        assert!(admitted(&bed, &plan).await.is_none(), "more than the limit");
    }
    assert!(!subject.admission.epochs().is_fresh(bed.account_id, epoch).await.expect("Redis is there"));
    // A call that was answered too late has a record, too: it was not forwarded, and gave back what it took.
    let records = subject.records().await;
    let allowed: BTreeSet<DecisionId> =
        records.iter().filter(|record| record.outcome == Outcome::Allowed).map(|record| record.id).collect();
    assert!(taken.iter().all(|id| allowed.contains(id)), "a call without a record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_server_that_is_killed_is_replaced_and_limits_go_on() {
    calls_go_on(start(), true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_server_that_is_frozen_is_replaced_and_limits_go_on() {
    calls_go_on(start(), false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_server_behind_tls_and_users_is_replaced_and_limits_go_on() {
    calls_go_on(start_guarded(), true).await;
}
