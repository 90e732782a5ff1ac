//! Giving back: once, and to the very slot it came from.

use ostiary_model::decision::EndingResult;

use super::Bed;
use super::bed::{amount, calls};
use crate::Release;

/// A permit that is dropped was surely not sent.
pub async fn unsent_call_leaves_no_trace(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    for _ in 0..3 {
        drop(bed.permit(&plan).await);
        bed.subject.quiet().await;
    }
    drop(bed.take(&plan).await);
    let records = bed.subject.records().await;
    let unsent = records.iter().filter_map(|record| record.ending.as_ref());
    assert!(unsent.clone().all(|ending| ending.result == EndingResult::ClientGone));
    assert_eq!((records.len(), unsent.count()), (4, 3));
}

/// Given back whole, a call leaves the counter as it was.
pub async fn everything_restores(bed: &Bed<'_>) {
    let plan = amount(5, 1_000_005);
    for _ in 0..3 {
        let in_flight = bed.take(&plan).await;
        bed.refuse(&plan).await;
        in_flight.settle(Release::Everything, None);
        bed.subject.quiet().await;
    }
    drop(bed.take(&plan).await);
}

/// What the amounts took comes back; the count of the call stays.
pub async fn amounts_keeps_the_count(bed: &Bed<'_>) {
    let plan = amount(5, 2_000_005);
    for _ in 0..2 {
        bed.take(&plan).await.settle(Release::Amounts, None);
        bed.subject.quiet().await;
    }
    let denial = bed.refuse(&plan).await;
    assert_eq!(denial.limit.map(|limit| limit.used.to_string()), Some("2".to_owned()));
}

/// An unknown end keeps everything charged.
pub async fn nothing_keeps_everything(bed: &Bed<'_>) {
    let plan = amount(500_000, 1_500_000);
    bed.take(&plan).await.settle(Release::Nothing, None);
    bed.subject.quiet().await;
    let denial = bed.refuse(&plan).await;
    assert_eq!(denial.limit.map(|limit| limit.used.to_string()), Some("1.5".to_owned()));
}

/// A call that may have been sent is charged, whoever forgets it.
pub async fn call_in_flight_that_is_dropped_stays_charged(bed: &Bed<'_>) {
    let plan = calls("a", 1);
    drop(bed.take(&plan).await);
    bed.subject.quiet().await;
    bed.refuse(&plan).await;
}

/// A late release frees the time of its call, not that of later ones.
pub async fn share_goes_to_the_slot_it_came_from(bed: &Bed<'_>) {
    let plan = calls("a", 2);
    let early = bed.take(&plan).await;
    bed.subject.pass_ms(30_000);
    drop(bed.take(&plan).await);
    early.settle(Release::Everything, None);
    bed.subject.quiet().await;
    bed.subject.pass_ms(10_000);
    drop(bed.take(&plan).await);
    bed.subject.pass_ms(10_000);
    assert_eq!(bed.refuse(&plan).await.retry_after_ms, Some(40_000));
}
