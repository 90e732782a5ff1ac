//! Limits: all or none, strict, by one clock.

use ostiary_policy::DenialCode;
use tokio::task::JoinSet;

use super::Bed;
use super::bed::{amount, at_once, calls, daily, of_session, several};
use crate::{AdmissionRequest, AdmitOutcome, Release};
use ostiary_model::server::OnLimitsUnavailable;

/// As many calls as the limit says, and not one more.
pub async fn at_max_refuses_the_next(bed: &Bed<'_>) {
    let plan = calls("a", 3);
    for _ in 0..3 {
        drop(bed.take(&plan).await);
    }
    bed.subject.pass_ms(1_000);
    let denial = bed.refuse(&plan).await;
    assert_eq!(denial.code, DenialCode::LimitExceeded);
    assert_eq!(denial.retry_after_ms, Some(59_000));
    assert_eq!(denial.rule.map(|rule| rule.to_string()), Some("/tools/t/limits/0".to_owned()));
    assert_eq!(denial.limit.map(|limit| limit.used.to_string()), Some("3".to_owned()));
}

/// A call that one limit refuses leaves the other counters as they were.
pub async fn of_several_takes_all_or_none(bed: &Bed<'_>) {
    drop(bed.take(&calls("b", 1)).await);
    for _ in 0..3 {
        let denial = bed.refuse(&several(&[("a", 2), ("b", 1), ("c", 2)])).await;
        assert_eq!(denial.limit.map(|limit| limit.counter), Some("b".to_owned()));
    }
    drop(bed.take(&several(&[("a", 2), ("c", 2)])).await);
    drop(bed.take(&several(&[("a", 2), ("c", 2)])).await);
    bed.refuse(&calls("a", 2)).await;
}

/// A call counts for the milliseconds of a window, its own included.
pub async fn sliding_window_frees_to_the_millisecond(bed: &Bed<'_>) {
    let plan = calls("a", 2);
    bed.subject.pass_ms(500);
    drop(bed.take(&plan).await);
    bed.subject.pass_ms(20_000);
    drop(bed.take(&plan).await);
    bed.subject.pass_ms(39_999);
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, Some(1));
    bed.subject.pass_ms(1);
    drop(bed.take(&plan).await);
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, Some(20_000));
}

/// All of a day goes at its end.
pub async fn calendar_window_resets_on_its_boundary(bed: &Bed<'_>) {
    let plan = daily(2);
    bed.subject.pass_ms(3_600_000);
    for _ in 0..2 {
        drop(bed.take(&plan).await);
    }
    bed.subject.pass_ms(22 * 3_600_000);
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, Some(3_600_000));
    bed.subject.pass_ms(3_600_000);
    for _ in 0..2 {
        drop(bed.take(&plan).await);
    }
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, Some(24 * 3_600_000));
}

/// Amounts are exact to a millionth, up to the largest limit.
pub async fn amounts_add_up(bed: &Bed<'_>) {
    const MOST: u64 = 4_000_000_000_000_000;
    drop(bed.take(&amount(MOST - 3_000_001, MOST)).await);
    assert_eq!(bed.refuse(&amount(1_000_002, MOST)).await.retry_after_ms, Some(60_000));
    drop(bed.take(&amount(1_000_001, MOST)).await);
    bed.refuse(&amount(0, MOST)).await;
    assert_eq!(bed.refuse(&amount(MOST, MOST)).await.retry_after_ms, None);
}

/// An account knows nothing of another's counters.
pub async fn counters_of_accounts_are_apart(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    drop(bed.take(&plan).await);
    drop(Bed::new(bed.subject).take(&plan).await);
    bed.refuse(&plan).await;
}

/// Sessions have counters of their own; calls without one share that of their grant.
pub async fn sessions_are_apart(bed: &Bed<'_>) {
    let plan = of_session(1);
    assert!(bed.fits_in_session(&plan, "one").await);
    assert!(bed.fits_in_session(&plan, "two").await);
    assert!(!bed.fits_in_session(&plan, "one").await);
    drop(bed.take(&plan).await);
    bed.refuse(&plan).await;
}

/// So many at once; when one ends, however, there is room for one.
pub async fn calls_at_once_are_bounded(bed: &Bed<'_>) {
    let plan = at_once(3);
    let mut first = Vec::new();
    for _ in 0..3 {
        first.push(bed.take(&plan).await);
    }
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, None);
    let mut later = Vec::new();
    for release in [Some(Release::Nothing), Some(Release::Everything), None] {
        let in_flight = first.pop().expect("three calls");
        match release {
            Some(release) => in_flight.settle(release, None),
            None => drop(in_flight),
        }
        bed.subject.quiet().await;
        later.push(bed.take(&plan).await);
        bed.refuse(&plan).await;
    }
}

/// Many calls at once, on several threads: the limit, to the call.
pub async fn many_at_once_never_exceed(bed: &Bed<'_>) {
    let plan = several(&[("a", 37), ("b", 90)]);
    drop(bed.take(&plan).await);
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let (admission, plan, decision) = (bed.subject.admission(), plan.clone(), bed.decision());
        let epoch = bed.subject.current(bed.account_id);
        calls.spawn(async move {
            let request = AdmissionRequest {
                epoch,
                limits: Some(&plan),
                plan: None,
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
    assert_eq!(calls.join_all().await.into_iter().sum::<usize>(), 36);
    assert_eq!(bed.subject.records().await.len(), 201);
}
