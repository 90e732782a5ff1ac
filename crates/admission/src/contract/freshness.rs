//! What is decided by an older state is decided again.

use super::Bed;
use super::bed::calls;
use crate::AdmitOutcome;

/// After a change nothing that was read before it is admitted; nothing is taken and nothing recorded.
pub async fn older_epoch_is_stale_and_leaves_no_trace(bed: &Bed<'_>) {
    let plan = calls("a", 2);
    drop(bed.take(&plan).await);
    let epoch = bed.subject.current(bed.account_id);
    bed.subject.advance(bed.account_id).await;
    for _ in 0..3 {
        assert!(matches!(bed.attempt(epoch, &plan, bed.decision()).await, AdmitOutcome::Stale));
    }
    assert_eq!(bed.subject.records().await.len(), 1);
    drop(bed.take(&plan).await);
    bed.refuse(&plan).await;
}

/// One account's change does not make another's calls read again.
pub async fn change_of_another_account_is_nothing(bed: &Bed<'_>) {
    let plan = calls("a", 9);
    drop(bed.take(&plan).await);
    let epoch = bed.subject.current(bed.account_id);
    bed.subject.advance(Bed::new(bed.subject).account_id).await;
    assert!(matches!(bed.attempt(epoch, &plan, bed.decision()).await, AdmitOutcome::Admitted(_)));
}

/// An account that nobody ever changed needs no more than one look more.
pub async fn first_call_of_a_process_is_admitted(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    let first = bed.attempt(bed.subject.current(bed.account_id), &plan, bed.decision()).await;
    if matches!(first, AdmitOutcome::Stale) {
        let epoch = bed.subject.current(bed.account_id);
        assert!(matches!(bed.attempt(epoch, &plan, bed.decision()).await, AdmitOutcome::Admitted(_)));
    }
}
