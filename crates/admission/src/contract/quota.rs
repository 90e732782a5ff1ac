//! What the plan of an account allows: for every call that is forwarded, whatever its policy is.

use std::sync::Arc;

use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{Mode, Plan, PlanLimits, PlanName};
use ostiary_policy::{Denial, DenialCode, LimitPlan};
use tokio::task::JoinSet;

use super::Bed;
use super::bed::{calls, several};
use crate::{AdmissionRequest, AdmitOutcome, Permit, Release};

fn plan(month: Option<u64>, at_once: Option<u32>) -> Plan {
    let limits = PlanLimits { calls_a_month: month, calls_at_once: at_once, ..PlanLimits::default() };
    Plan { limits, ..Plan::unlimited(PlanName::standard()) }
}

async fn admit(bed: &Bed<'_>, plan: &Plan, limits: Option<&LimitPlan>, decision: Decision) -> AdmitOutcome {
    admit_when(bed, plan, limits, decision, OnLimitsUnavailable::Deny).await
}

async fn admit_when(
    bed: &Bed<'_>,
    plan: &Plan,
    limits: Option<&LimitPlan>,
    decision: Decision,
    on_limits_unavailable: OnLimitsUnavailable,
) -> AdmitOutcome {
    for _ in 0..5 {
        let epoch = bed.subject.current(bed.account_id);
        let decision = decision.clone();
        let request =
            AdmissionRequest { epoch, limits, plan: Some(plan), session: None, on_limits_unavailable, decision };
        match bed.subject.admission().admit(request).await.expect("the backend is there") {
            AdmitOutcome::Stale => {}
            outcome => return outcome,
        }
    }
    panic!("stale again and again");
}

async fn permit(bed: &Bed<'_>, plan: &Plan, limits: Option<&LimitPlan>) -> Permit {
    match admit(bed, plan, limits, bed.decision()).await {
        AdmitOutcome::Admitted(permit) => permit,
        other => panic!("not admitted: {other:?}"),
    }
}

async fn refuse(bed: &Bed<'_>, plan: &Plan, limits: Option<&LimitPlan>) -> Denial {
    match admit(bed, plan, limits, bed.decision()).await {
        AdmitOutcome::Denied(denial) => denial,
        other => panic!("not refused: {other:?}"),
    }
}

/// So many calls a month, over servers and policies; the next month begins with none.
pub async fn of_a_month_refuses_the_next_and_says_which_plan(bed: &Bed<'_>) {
    let plan = plan(Some(3), None);
    let policy = calls("a", 9);
    for limits in [None, Some(&policy), None] {
        drop(permit(bed, &plan, limits).await.send());
    }
    let denial = refuse(bed, &plan, Some(&policy)).await;
    assert_eq!(denial.code, DenialCode::PlanLimitReached);
    assert!(denial.message.contains("`standard`") && denial.message.contains("3 calls a month"), "{}", denial.message);
    assert_eq!(denial.limit.map(|limit| limit.used.to_string()), Some("3".to_owned()));
    assert!(denial.retry_after_ms.is_some_and(|ms| ms <= 31 * 24 * 3_600_000));
    let record = bed.subject.records().await.into_iter().find(|record| record.outcome == Outcome::Denied);
    let record = record.expect("a record");
    assert_eq!((record.code.as_deref(), record.message), (Some("plan_limit_reached"), Some(denial.message)));
    bed.subject.pass_ms(31 * 24 * 3_600_000);
    drop(permit(bed, &plan, Some(&policy)).await.send());
}

/// The plan's counters have nothing to do with a policy's, whatever these are called.
pub async fn counters_are_apart_from_those_of_policies(bed: &Bed<'_>) {
    let (plan, policy) = (plan(Some(2), None), calls("calls", 1));
    drop(permit(bed, &plan, Some(&policy)).await.send());
    // Refused by the policy: the plan has lost nothing.
    assert_eq!(refuse(bed, &plan, Some(&policy)).await.code, DenialCode::LimitExceeded);
    drop(permit(bed, &plan, Some(&calls("b", 1))).await.send());
    // Refused by the plan: the policy has lost nothing, and where both refuse it is the plan that is named.
    for name in ["c", "calls"] {
        assert_eq!(refuse(bed, &plan, Some(&calls(name, 1))).await.code, DenialCode::PlanLimitReached);
    }
    drop(bed.take(&calls("c", 1)).await);
}

/// What is in flight counts, and what has ended does not.
pub async fn at_once_frees_with_the_end_of_a_call(bed: &Bed<'_>) {
    let plan = plan(None, Some(2));
    let (first, second) = (permit(bed, &plan, None).await.send(), permit(bed, &plan, None).await.send());
    let denial = refuse(bed, &plan, None).await;
    assert_eq!((denial.code, denial.retry_after_ms), (DenialCode::PlanLimitReached, None));
    assert!(denial.message.contains("2 calls at once"), "{}", denial.message);
    first.settle(Release::Nothing, None);
    bed.subject.quiet().await;
    let third = permit(bed, &plan, None).await;
    refuse(bed, &plan, None).await;
    drop((second, third));
}

/// A call that was surely not sent is none of the month's.
pub async fn unsent_call_is_given_back(bed: &Bed<'_>) {
    let plan = plan(Some(1), Some(1));
    for _ in 0..2 {
        drop(permit(bed, &plan, None).await);
        bed.subject.quiet().await;
    }
    permit(bed, &plan, None).await.send().settle(Release::Everything, None);
    bed.subject.quiet().await;
    permit(bed, &plan, None).await.send().settle(Release::Amounts, None);
    bed.subject.quiet().await;
    refuse(bed, &plan, None).await;
}

/// Shadow is about the policy. A call that goes on takes what the plan counts, and is refused by it.
pub async fn shadow_does_not_get_round_the_plan(bed: &Bed<'_>) {
    let plan = plan(Some(3), Some(1));
    let policy = calls("a", 1);
    let shadow = |outcome| Decision { mode: Mode::Shadow, outcome, ..bed.decision() };
    // Within its limits, above them, and denied by the rules.
    for (outcome, expected) in [
        (Outcome::Allowed, Outcome::Allowed),
        (Outcome::Allowed, Outcome::ShadowDenied),
        (Outcome::ShadowDenied, Outcome::ShadowDenied),
    ] {
        let AdmitOutcome::Admitted(permit) = admit(bed, &plan, Some(&policy), shadow(outcome)).await else {
            panic!("not admitted");
        };
        assert_eq!(permit.outcome(), expected);
        let in_flight = permit.send();
        assert_eq!(refuse(bed, &plan, None).await.code, DenialCode::PlanLimitReached, "one at once");
        in_flight.settle(Release::Nothing, None);
        bed.subject.quiet().await;
    }
    for outcome in [Outcome::Allowed, Outcome::ShadowDenied] {
        let decision = shadow(outcome);
        let AdmitOutcome::Denied(denial) = admit(bed, &plan, Some(&policy), decision.clone()).await else {
            panic!("not refused");
        };
        assert_eq!(denial.code, DenialCode::PlanLimitReached);
        let record = bed.subject.records().await.into_iter().find(|record| record.id == decision.id);
        assert_eq!(record.map(|record| record.outcome), Some(Outcome::Denied));
    }
}

/// What is given back of a call in shadow that took from the plan alone is the plan's.
pub async fn shadow_gives_back_what_it_took(bed: &Bed<'_>) {
    let (plan, policy) = (plan(Some(2), None), calls("a", 1));
    drop(permit(bed, &plan, Some(&policy)).await.send());
    for _ in 0..2 {
        let decision = Decision { mode: Mode::Shadow, ..bed.decision() };
        let AdmitOutcome::Admitted(permit) = admit(bed, &plan, Some(&policy), decision).await else {
            panic!("not admitted");
        };
        drop(permit);
        bed.subject.quiet().await;
    }
    drop(permit(bed, &plan, None).await.send());
    refuse(bed, &plan, None).await;
}

/// What is refused or held by the rules is none of the plan's.
pub async fn calls_that_are_refused_take_nothing(bed: &Bed<'_>) {
    let plan = plan(Some(1), Some(1));
    for outcome in [Outcome::Denied, Outcome::Held] {
        let decision = Decision { outcome, ..bed.decision() };
        assert!(matches!(admit(bed, &plan, None, decision).await, AdmitOutcome::Recorded));
    }
    drop(permit(bed, &plan, None).await.send());
}

/// A plan without limits of calls counts none of them.
pub async fn plan_without_limits_counts_nothing(bed: &Bed<'_>) {
    let unlimited = plan(None, None);
    for _ in 0..3 {
        drop(permit(bed, &unlimited, None).await.send());
    }
    drop(permit(bed, &plan(Some(1), None), None).await.send());
    refuse(bed, &plan(Some(1), None), None).await;
    // Another plan goes on with the month.
    drop(permit(bed, &plan(Some(2), None), None).await.send());
}

/// Nobody's calls are another account's.
pub async fn accounts_are_apart(bed: &Bed<'_>) {
    let plan = plan(Some(1), Some(1));
    drop(permit(bed, &plan, None).await.send());
    let other = Bed::new(bed.subject);
    drop(permit(&other, &plan, None).await.send());
    refuse(bed, &plan, None).await;
}

/// How many calls are in flight can be asked at any time, changes nothing, and is nobody else's.
pub async fn calls_in_flight_are_said_and_not_taken(bed: &Bed<'_>) {
    let plan = plan(None, Some(2));
    let said = async |bed: &Bed<'_>| {
        bed.subject.quiet().await;
        bed.subject.admission().calls_in_flight(bed.account_id).await.expect("the backend is there")
    };
    assert_eq!(said(bed).await, 0);
    let first = permit(bed, &plan, None).await.send();
    assert_eq!(said(bed).await, 1);
    let second = permit(bed, &plan, None).await.send();
    let other = Bed::new(bed.subject);
    let third = permit(&other, &plan, None).await.send();
    refuse(bed, &plan, None).await;
    assert_eq!((said(bed).await, said(&other).await), (2, 1));
    first.settle(Release::Nothing, None);
    assert_eq!(said(bed).await, 1);
    drop((second, third));
    assert_eq!((said(bed).await, said(&other).await), (0, 0));
}

/// Many calls at once, in every mode: the limit, to the call.
pub async fn many_at_once_never_exceed_the_plan(bed: &Bed<'_>) {
    let plan = Arc::new(plan(Some(40), None));
    let policy = Arc::new(several(&[("a", 10), ("b", 90)]));
    drop(permit(bed, &plan, Some(&policy)).await.send());
    let mut calls = JoinSet::new();
    for number in 0..200 {
        let (admission, plan, policy) = (bed.subject.admission(), Arc::clone(&plan), Arc::clone(&policy));
        let mode = if number % 2 == 0 { Mode::Shadow } else { Mode::Enforce };
        let (decision, epoch) = (Decision { mode, ..bed.decision() }, bed.subject.current(bed.account_id));
        calls.spawn(async move {
            let request = AdmissionRequest {
                epoch,
                limits: Some(&policy),
                plan: Some(&plan),
                session: None,
                on_limits_unavailable: OnLimitsUnavailable::Deny,
                decision,
            };
            match admission.admit(request).await {
                Ok(AdmitOutcome::Admitted(permit)) => {
                    drop(permit.send());
                    1
                }
                Ok(AdmitOutcome::Denied(_)) => 0,
                other => panic!("{other:?}"),
            }
        });
    }
    assert_eq!(calls.join_all().await.into_iter().sum::<usize>(), 39);
    assert_eq!(bed.subject.records().await.len(), 201);
}

/// Limits that contradict themselves cannot be checked. That a server lets such calls pass is no way round the plan.
pub async fn unmetered_calls_do_not_get_round_the_plan(bed: &Bed<'_>) {
    let plan = plan(Some(2), None);
    let mut broken = calls("a", 1);
    broken.limits.iter_mut().for_each(|limit| limit.charge = 7);
    let attempt = async || admit_when(bed, &plan, Some(&broken), bed.decision(), OnLimitsUnavailable::Allow).await;
    for _ in 0..2 {
        let AdmitOutcome::Admitted(permit) = attempt().await else { panic!("not admitted") };
        assert_eq!(permit.outcome(), Outcome::AllowedUnmetered);
        drop(permit.send());
    }
    let AdmitOutcome::Denied(denial) = attempt().await else { panic!("not refused") };
    assert_eq!(denial.code, DenialCode::PlanLimitReached);
}
