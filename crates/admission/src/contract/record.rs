//! Every call has its record, refused or not.

use ostiary_model::Mode;
use ostiary_model::decision::{Decision, Outcome};

use super::Bed;
use super::bed::{at_once, calls, ended};
use crate::{AdmitOutcome, Release};

async fn only_record(bed: &Bed<'_>, outcome: Outcome) -> Decision {
    let records = bed.subject.records().await;
    let mut found = records.into_iter().filter(|record| record.outcome == outcome);
    let record = found.next().expect("a record");
    assert!(found.next().is_none(), "more than one record");
    record
}

/// The record is there word by word, and is completed when the call ends.
pub async fn admitted_call_is_recorded_with_its_end(bed: &Bed<'_>) {
    let decision = bed.decision();
    let AdmitOutcome::Admitted(permit) = bed.admit_record(&calls("a", 1), decision.clone(), None).await else {
        panic!("not admitted");
    };
    assert_eq!((permit.decision_id(), permit.outcome()), (decision.id, Outcome::Allowed));
    let in_flight = permit.send();
    assert_eq!(bed.subject.records().await, std::slice::from_ref(&decision));
    in_flight.settle(Release::Nothing, Some(ended()));
    bed.subject.quiet().await;
    assert_eq!(bed.subject.records().await, [Decision { ending: Some(ended()), ..decision }]);
}

/// What the agent is told is what the record says.
pub async fn refused_call_is_recorded_with_its_reason(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    drop(bed.take(&plan).await);
    bed.subject.pass_ms(1_500);
    let denial = bed.refuse(&plan).await;
    let record = only_record(bed, Outcome::Denied).await;
    assert_eq!(record.code.as_deref(), Some("limit_exceeded"));
    assert_eq!(record.rule, denial.rule.map(|rule| rule.to_string()));
    assert_eq!(record.message, Some(denial.message));
}

/// The same for calls at once, whose limits have no window.
pub async fn calls_at_once_are_refused_with_their_reason(bed: &Bed<'_>) {
    let mut plan = at_once(1);
    let in_flight = bed.take(&plan).await;
    plan.limits.iter_mut().for_each(|limit| limit.on_deny = Some("one at a time, please".into()));
    let denial = bed.refuse(&plan).await;
    assert_eq!(denial.message, "one at a time, please");
    assert_eq!(only_record(bed, Outcome::Denied).await.message, Some(denial.message));
    drop(in_flight);
}

/// What the rules refuse is recorded only.
pub async fn refusals_by_rules_take_nothing(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    for outcome in [Outcome::Denied, Outcome::Held] {
        let decision = Decision { outcome, ..bed.decision() };
        assert!(matches!(bed.admit_record(&plan, decision, None).await, AdmitOutcome::Recorded));
        only_record(bed, outcome).await;
    }
    drop(bed.take(&plan).await);
}

/// In shadow a call above its limit goes on, its record says so, and it takes nothing.
pub async fn shadow_is_forwarded_and_takes_nothing(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    let shadow = |outcome| Decision { mode: Mode::Shadow, outcome, ..bed.decision() };
    let outcome_of = async |decision| match bed.admit_record(&plan, decision, None).await {
        AdmitOutcome::Admitted(permit) => {
            let outcome = permit.outcome();
            drop(permit.send());
            outcome
        }
        other => panic!("not forwarded: {other:?}"),
    };
    // What the rules would have refused draws on nothing.
    assert_eq!(outcome_of(shadow(Outcome::ShadowDenied)).await, Outcome::ShadowDenied);
    assert_eq!(outcome_of(shadow(Outcome::Allowed)).await, Outcome::Allowed);
    assert_eq!(outcome_of(shadow(Outcome::Allowed)).await, Outcome::ShadowDenied);
    let records = bed.subject.records().await;
    let codes = records.iter().filter(|record| record.code.as_deref() == Some("limit_exceeded"));
    assert_eq!((records.len(), codes.count()), (3, 1));
}
