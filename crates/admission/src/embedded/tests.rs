mod bed;
mod log;

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use ostiary_counters::Release;
use ostiary_model::Mode;
use ostiary_model::decision::{Ending, EndingResult};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_policy::DenialCode;

use tokio::task::JoinHandle;

use super::tests::bed::{Bed, Run, admitted, at_most, poll_once, until, used_micros};
use super::*;
use crate::permit::InFlight;

#[tokio::test]
async fn admitted_call_has_its_record_and_its_slots() {
    let bed = Bed::new();
    let run = bed.start().await;
    let permit = admitted(run.admission.admit(bed.request(&at_most(1))).await);
    assert_eq!(permit.outcome(), Outcome::Allowed);
    {
        let written = bed.log.written();
        assert_eq!(written.decisions.len(), 1);
        assert_eq!(written.decisions[0].id, permit.decision_id());
        assert_eq!(written.slots.len(), 1);
        assert_eq!(written.slots[0].amount_micros, 1_000_005);
    }
    let ending = Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 7, upstream_ms: 3 };
    let id = permit.decision_id();
    permit.send().settle(Release::Nothing, Some(ending.clone()));
    until(|| bed.log.written().endings == [(bed.account_id, id, ending.clone())]).await;
}

#[tokio::test]
async fn call_decided_by_an_older_epoch_is_stale_and_leaves_no_trace() {
    let bed = Bed::new();
    let run = bed.start().await;
    bed.epochs.advance(bed.account_id);
    assert!(matches!(run.admission.admit(bed.request(&at_most(1))).await, Ok(AdmitOutcome::Stale)));
    assert_eq!(used_micros(&bed, &run), 0);
    assert_eq!(bed.log.written().decisions, []);
    let plan = at_most(1);
    let fresh = AdmissionRequest { epoch: 1, ..bed.request(&plan) };
    drop(admitted(run.admission.admit(fresh).await));
}

#[tokio::test]
async fn call_above_its_limit_is_denied_and_recorded() {
    let bed = Bed::new();
    let run = bed.start().await;
    let _first = admitted(run.admission.admit(bed.request(&at_most(1))).await).send();
    let Ok(AdmitOutcome::Denied(denial)) = run.admission.admit(bed.request(&at_most(1))).await else {
        panic!("not denied");
    };
    assert_eq!(denial.code, DenialCode::LimitExceeded);
    assert_eq!(denial.retry_after_ms, Some(3_600_000));
    let written = bed.log.written();
    let record = &written.decisions[1];
    assert_eq!(record.outcome, Outcome::Denied);
    assert_eq!(record.code.as_deref(), Some("limit_exceeded"));
    assert_eq!(record.rule.as_deref(), Some("/tools/t/limits/0"));
    assert_eq!(record.message.as_ref(), Some(&denial.message));
}

#[tokio::test]
async fn refusals_are_recorded_and_take_nothing() {
    let bed = Bed::new();
    let run = bed.start().await;
    for outcome in [Outcome::Denied, Outcome::Held] {
        let plan = at_most(1);
        let mut request = bed.request(&plan);
        request.decision.outcome = outcome;
        assert!(matches!(run.admission.admit(request).await, Ok(AdmitOutcome::Recorded)));
    }
    assert_eq!(bed.log.written().decisions.len(), 2);
    assert_eq!(used_micros(&bed, &run), 0);
}

#[tokio::test]
async fn shadow_call_above_its_limit_is_forwarded_and_takes_nothing() {
    let bed = Bed::new();
    let run = bed.start().await;
    let plan = at_most(1);
    let shadow = || {
        let mut request = bed.request(&plan);
        request.decision.mode = Mode::Shadow;
        request
    };
    let first = admitted(run.admission.admit(shadow()).await).send();
    let second = admitted(run.admission.admit(shadow()).await);
    assert_eq!(second.outcome(), Outcome::ShadowDenied);
    drop(second);
    assert_eq!(used_micros(&bed, &run), 1_000_005);
    drop(first);
    // What the rules would have denied draws on nothing either.
    let mut denied = shadow();
    denied.decision.outcome = Outcome::ShadowDenied;
    assert_eq!(admitted(run.admission.admit(denied).await).outcome(), Outcome::ShadowDenied);
    assert_eq!(used_micros(&bed, &run), 1_000_005);
    assert_eq!(bed.log.written().decisions[1].code.as_deref(), Some("limit_exceeded"));
}

#[tokio::test]
async fn counters_that_are_full_deny_unless_the_server_allows() {
    let mut bed = Bed::new();
    bed.config.capacity.per_account = 0;
    let run = bed.start().await;
    let Ok(AdmitOutcome::Denied(denial)) = run.admission.admit(bed.request(&at_most(1))).await else {
        panic!("not denied");
    };
    assert_eq!(denial.code, DenialCode::LimitsUnavailable);
    let plan = at_most(1);
    let allowing = AdmissionRequest { on_limits_unavailable: OnLimitsUnavailable::Allow, ..bed.request(&plan) };
    let permit = admitted(run.admission.admit(allowing).await);
    assert_eq!(permit.outcome(), Outcome::AllowedUnmetered);
    assert_eq!(bed.log.written().decisions[1].outcome, Outcome::AllowedUnmetered);
}

#[tokio::test]
async fn log_that_is_down_refuses_and_gives_back() {
    let bed = Bed::new();
    let run = bed.start().await;
    bed.log.set_down(true);
    for _ in 0..3 {
        let outcome = run.admission.admit(bed.request(&at_most(1))).await;
        assert_eq!(outcome.unwrap_err(), AdmissionError::LogUnavailable);
        assert_eq!(used_micros(&bed, &run), 0);
    }
    bed.log.set_down(false);
    drop(admitted(run.admission.admit(bed.request(&at_most(1))).await));
}

#[tokio::test]
async fn record_that_is_refused_does_not_cost_the_calls_of_others() {
    let bed = Bed::new();
    let run = bed.start().await;
    bed.log.shut();
    let plan = at_most(10);
    let mut calls = Vec::new();
    for i in 0..5 {
        let mut request = bed.request(&plan);
        if i == 3 {
            request.decision.method = bed.log.refused_method.to_owned();
        }
        calls.push(request);
    }
    let admission = &run.admission;
    let mut futures: Vec<_> = calls.into_iter().map(|call| Box::pin(admission.admit(call))).collect();
    for future in &mut futures {
        assert!(poll_once(future.as_mut()).await.is_none());
    }
    bed.log.open();
    let mut in_flight = Vec::new();
    for (i, future) in futures.into_iter().enumerate() {
        match future.await {
            Ok(AdmitOutcome::Admitted(permit)) => in_flight.push(permit.send()),
            Err(AdmissionError::LogUnavailable) => assert_eq!(i, 3),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(in_flight.len(), 4);
    assert_eq!(used_micros(&bed, &run), 4 * 1_000_005);
    assert_eq!(bed.log.written().slots[0].amount_micros, 4 * 1_000_005);
}

#[tokio::test]
async fn caller_that_leaves_before_the_commit_gets_its_share_given_back() {
    let bed = Bed::new();
    let run = bed.start().await;
    bed.log.shut();
    let plan = at_most(1);
    {
        let mut future = Box::pin(run.admission.admit(bed.request(&plan)));
        assert!(poll_once(future.as_mut()).await.is_none());
        until(|| bed.log.waiting.load(Ordering::SeqCst) == 1).await;
    }
    bed.log.open();
    until(|| bed.log.written().endings.len() == 1).await;
    assert_eq!(used_micros(&bed, &run), 0);
    let written = bed.log.written();
    assert_eq!(written.decisions.len(), 1, "the record is not lost");
    assert_eq!(written.endings[0].2.result, EndingResult::ClientGone);
    assert_eq!(written.slots[0].amount_micros, 0);
}

#[tokio::test]
async fn caller_that_leaves_the_full_queue_has_taken_nothing() {
    let mut bed = Bed::new();
    (bed.config.queue, bed.config.batch) = (1, 1);
    let run = bed.start().await;
    bed.log.shut();
    let plan = at_most(10);
    let mut futures: Vec<_> = (0..5).map(|_| Box::pin(run.admission.admit(bed.request(&plan)))).collect();
    for future in &mut futures {
        assert!(poll_once(future.as_mut()).await.is_none());
        tokio::task::yield_now().await;
    }
    until(|| bed.log.waiting.load(Ordering::SeqCst) == 1).await;
    let waiting = futures.split_off(2);
    drop(waiting);
    bed.log.open();
    let mut in_flight = Vec::new();
    for future in futures {
        in_flight.push(admitted(future.await).send());
    }
    assert_eq!(used_micros(&bed, &run), 2 * 1_000_005);
    assert_eq!(bed.log.written().decisions.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn commit_that_takes_too_long_refuses_the_call() {
    let bed = Bed::new();
    let run = bed.start().await;
    bed.log.shut();
    let outcome = run.admission.admit(bed.request(&at_most(1))).await;
    assert_eq!(outcome.unwrap_err(), AdmissionError::LogUnavailable);
    bed.log.open();
    until(|| bed.log.written().endings.len() == 1).await;
    assert_eq!(used_micros(&bed, &run), 0);
}

#[tokio::test]
async fn permit_dropped_unsent_gives_back_and_call_in_flight_does_not() {
    let bed = Bed::new();
    let run = bed.start().await;
    drop(admitted(run.admission.admit(bed.request(&at_most(1))).await));
    assert_eq!(used_micros(&bed, &run), 0);
    drop(admitted(run.admission.admit(bed.request(&at_most(1))).await).send());
    assert_eq!(used_micros(&bed, &run), 1_000_005);
}

#[tokio::test]
async fn settled_call_gives_back_in_memory_and_in_the_log() {
    let bed = Bed::new();
    let run = bed.start().await;
    for (release, left) in [(Release::Everything, 0), (Release::Amounts, 1_000_000), (Release::Nothing, 2_000_005)] {
        let permit = admitted(run.admission.admit(bed.request(&at_most(9))).await);
        permit.send().settle(release, None);
        assert_eq!(used_micros(&bed, &run), left);
    }
    run.stop().await;
    assert_eq!(bed.log.written().slots[0].amount_micros, 2_000_005);
}

#[tokio::test]
async fn shutdown_writes_every_ending() {
    let mut bed = Bed::new();
    bed.config.linger = Duration::from_secs(3_600);
    let run = bed.start().await;
    let ending = Ending { result: EndingResult::Timeout, upstream_status: None, bytes_out: 0, upstream_ms: 1 };
    for _ in 0..2_500 {
        let permit = admitted(run.admission.admit(bed.request(&at_most(9_999))).await);
        permit.send().settle(Release::Nothing, Some(ending.clone()));
    }
    let admission = Arc::clone(&run.admission);
    run.stop().await;
    assert_eq!(bed.log.written().endings.len(), 2_500);
    assert_eq!(admission.settlements.len(), 0);
    let outcome = admission.admit(bed.request(&at_most(1))).await;
    assert_eq!(outcome.unwrap_err(), AdmissionError::LogUnavailable);
}

#[tokio::test(start_paused = true)]
async fn endings_wait_for_a_log_that_is_down() {
    let bed = Bed::new();
    let run = bed.start().await;
    let permit = admitted(run.admission.admit(bed.request(&at_most(9))).await);
    bed.log.set_down(true);
    let ending = Ending { result: EndingResult::Ok, upstream_status: Some(200), bytes_out: 0, upstream_ms: 1 };
    permit.send().settle(Release::Amounts, Some(ending));
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(run.admission.settlements.len(), 1);
    bed.log.set_down(false);
    until(|| bed.log.written().endings.len() == 1).await;
    until(|| run.admission.settlements.len() == 0).await;
    // Given back in memory; in the log at most once, and so not after a commit whose outcome was unknown.
    assert_eq!(used_micros(&bed, &run), 1_000_000);
    assert_eq!(bed.log.written().slots[0].amount_micros, 1_000_005);
}

#[tokio::test]
async fn too_many_endings_waiting_refuse_new_calls() {
    let mut bed = Bed::new();
    bed.config.endings = 0;
    bed.config.linger = Duration::from_secs(3_600);
    let run = bed.start().await;
    drop(admitted(run.admission.admit(bed.request(&at_most(9))).await));
    let outcome = run.admission.admit(bed.request(&at_most(9))).await;
    assert_eq!(outcome.unwrap_err(), AdmissionError::LogUnavailable);
}

#[tokio::test]
async fn restart_remembers_what_was_taken() {
    let bed = Bed::new();
    let run = bed.start().await;
    for _ in 0..3 {
        drop(admitted(run.admission.admit(bed.request(&at_most(3))).await).send());
        bed.clock.advance(TimeDelta::minutes(10));
    }
    // As after `kill -9`: nothing is stopped in order.
    let restarted = bed.start().await;
    for _ in 0..2 {
        let Ok(AdmitOutcome::Denied(denial)) = restarted.admission.admit(bed.request(&at_most(3))).await else {
            panic!("not denied");
        };
        assert_eq!(denial.retry_after_ms, Some(30 * 60_000));
    }
    bed.clock.advance(TimeDelta::minutes(30));
    drop(admitted(restarted.admission.admit(bed.request(&at_most(3))).await).send());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_on_several_threads_are_admitted_to_the_limit() {
    let bed = Arc::new(Bed::new());
    let run = bed.start().await;
    let calls = (0..500).map(|_| spawn_call(&bed, &run, 123));
    assert_eq!(admitted_of(calls.collect()).await, 123);
    let written = bed.log.written();
    assert_eq!(written.decisions.len(), 500);
    let allowed = written.decisions.iter().filter(|decision| decision.outcome == Outcome::Allowed);
    assert_eq!(allowed.count(), 123);
    assert_eq!(written.slots[0].amount_micros, 123 * 1_000_005);
}

/// On one thread, where no call can be seen between its place in the queue and its record there: the number is exact.
#[tokio::test]
async fn calls_that_wait_for_a_commit_share_the_next() {
    const WAITING: usize = 500;
    let bed = Arc::new(Bed::new());
    let run = bed.start().await;
    bed.log.shut();
    let mut calls = vec![spawn_call(&bed, &run, 1_000)];
    until(|| bed.log.waiting.load(Ordering::SeqCst) == 1).await;
    calls.extend((0..WAITING).map(|_| spawn_call(&bed, &run, 1_000)));
    until(|| run.admission.appends.capacity() == bed.config.queue - WAITING).await;
    bed.log.open();
    assert_eq!(admitted_of(calls).await, 1 + WAITING);
    assert_eq!(bed.log.written().commits, 1 + WAITING.div_ceil(bed.config.batch));
}

/// Admits a call in a task of its own; answers it in flight, or nothing when it is denied.
fn spawn_call(bed: &Arc<Bed>, run: &Run, max: u64) -> JoinHandle<Option<InFlight>> {
    let (bed, admission) = (Arc::clone(bed), Arc::clone(&run.admission));
    run.tasks.spawn(async move {
        match admission.admit(bed.request(&at_most(max))).await {
            Ok(AdmitOutcome::Admitted(permit)) => Some(permit.send()),
            Ok(AdmitOutcome::Denied(_)) => None,
            other => panic!("{other:?}"),
        }
    })
}

async fn admitted_of(calls: Vec<JoinHandle<Option<InFlight>>>) -> usize {
    let mut in_flight = Vec::new();
    for call in calls {
        in_flight.extend(call.await.unwrap());
    }
    in_flight.len()
}
