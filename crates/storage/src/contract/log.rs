//! Cases of the log as the path of a call writes it.

use ostiary_model::decision::{Ending, EndingResult};
use ostiary_model::{AccountId, DecisionId};

use super::Backend;
use super::fixture::{Tenant, at, record};
use crate::{LogBatch, SlotDelta, StorageError, StoredSlot};

fn ending() -> Ending {
    Ending { result: EndingResult::HttpError, upstream_status: Some(503), bytes_out: 7, upstream_ms: 12 }
}

fn delta(account_id: AccountId, key: &str, slot: i64, delta_micros: i64, last_ms: i64) -> SlotDelta {
    SlotDelta { account_id, key: key.to_owned(), slot, delta_micros, last_ms, expires_ms: last_ms + 1000 }
}

async fn add(backend: &Backend, slots: Vec<SlotDelta>) {
    backend.log.commit(&LogBatch { slots, ..LogBatch::default() }).await.expect("commit");
}

async fn slots(backend: &Backend, now_ms: i64) -> Vec<StoredSlot> {
    let mut slots = backend.log.load_slots(now_ms).await.expect("load");
    slots.sort_by(|a, b| (&a.key, a.slot, a.account_id).cmp(&(&b.key, b.slot, b.account_id)));
    slots
}

/// A batch may be sent again when nobody knows whether it arrived.
pub async fn decision_written_twice_stays_as_it_was(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (decision, second) = (one.decision(at(1)), one.decision(at(2)));
    record(backend, vec![decision.clone()]).await;
    let mut changed = decision.clone();
    changed.server_slug = "changed".to_owned();
    record(backend, vec![changed, second.clone(), second.clone()]).await;
    for decision in [decision, second] {
        let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
        assert_eq!(found, Some(decision));
    }
}

/// The rest of the record does not change.
pub async fn ending_is_written_to_its_record(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (mut decision, other) = (one.decision(at(1)), one.decision(at(1)));
    record(backend, vec![decision.clone(), other.clone()]).await;
    let endings = vec![(one.id(), decision.id, ending()), (one.id(), DecisionId::generate(), ending())];
    backend.log.commit(&LogBatch { endings, ..LogBatch::default() }).await.expect("commit");
    decision.ending = Some(ending());
    for decision in [decision, other] {
        let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
        assert_eq!(found, Some(decision));
    }
}

/// A call may be over before its record is written with others.
pub async fn ending_may_come_with_its_record(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decision = one.decision(at(1));
    let unreachable =
        Ending { result: EndingResult::Unreachable, upstream_status: None, bytes_out: 0, upstream_ms: 5000 };
    let batch = LogBatch {
        endings: vec![(one.id(), decision.id, unreachable.clone())],
        decisions: vec![decision.clone()],
        slots: Vec::new(),
    };
    backend.log.commit(&batch).await.expect("commit");
    let found = backend.store.get_decision(one.id(), decision.id).await.expect("get").expect("a decision");
    assert_eq!(found.ending, Some(unreachable));
}

/// A batch that nobody knows to have arrived may come again with more in it.
pub async fn ending_may_come_with_a_record_that_is_there_already(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (mut old, mut new, mut late) = (one.decision(at(1)), one.decision(at(2)), one.decision(at(3)));
    record(backend, vec![old.clone(), late.clone()]).await;
    let later = Ending { bytes_out: 900, ..ending() };
    let batch = LogBatch {
        decisions: vec![new.clone(), old.clone()],
        endings: vec![
            (one.id(), late.id, ending()),
            (one.id(), old.id, ending()),
            (one.id(), new.id, ending()),
            (one.id(), new.id, later),
        ],
        slots: Vec::new(),
    };
    backend.log.commit(&batch).await.expect("commit");
    for decision in [&mut old, &mut new, &mut late] {
        decision.ending = Some(ending());
        let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
        assert_eq!(found.as_ref(), Some(&*decision), "the first ending stands");
    }
}

/// An id alone is not enough.
pub async fn ending_of_another_account_is_passed_over(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let decision = one.decision(at(1));
    record(backend, vec![decision.clone()]).await;
    let endings = vec![(other.id(), decision.id, ending())];
    backend.log.commit(&LogBatch { endings, ..LogBatch::default() }).await.expect("commit");
    let found = backend.store.get_decision(one.id(), decision.id).await.expect("get");
    assert_eq!(found, Some(decision));
}

/// In one batch or several, in any order; the later times stay.
pub async fn slots_are_added_up(backend: &Backend) {
    let one = Tenant::create(backend, "one").await.id();
    let large = 4_000_000_000_000_000;
    add(backend, vec![delta(one, "a", 7, large, 500), delta(one, "a", 7, 2, 400), delta(one, "a", 8, 3, 600)]).await;
    add(backend, vec![delta(one, "a", 7, 4, 700), delta(one, "a", 7, -1, 650)]).await;
    let expected = [
        StoredSlot {
            account_id: one,
            key: "a".to_owned(),
            slot: 7,
            amount_micros: large + 5,
            last_ms: 700,
            expires_ms: 1700,
        },
        StoredSlot { account_id: one, key: "a".to_owned(), slot: 8, amount_micros: 3, last_ms: 600, expires_ms: 1600 },
    ];
    assert_eq!(slots(backend, 0).await, expected);
}

/// What is given back late makes no credit.
pub async fn slots_given_back_never_go_below_zero(backend: &Backend) {
    let one = Tenant::create(backend, "one").await.id();
    add(backend, vec![delta(one, "a", 1, 5, 0), delta(one, "a", 1, -9, 0), delta(one, "b", 1, -9, 0)]).await;
    let found = slots(backend, 0).await;
    assert_eq!(found.len(), 1, "a slot that was not there is not made");
    assert_eq!(found[0].amount_micros, 0);
    add(backend, vec![delta(one, "a", 1, 2, 0)]).await;
    assert_eq!(slots(backend, 0).await[0].amount_micros, 2);
}

/// The moment of expiry is outside.
pub async fn slots_that_expired_are_not_loaded_and_are_swept(backend: &Backend) {
    let one = Tenant::create(backend, "one").await.id();
    add(backend, vec![delta(one, "a", 1, 5, 0), delta(one, "b", 1, 5, 1)]).await;
    assert_eq!(slots(backend, 999).await.len(), 2);
    assert_eq!(slots(backend, 1000).await.len(), 1);
    assert_eq!(backend.log.sweep_slots(1000).await.expect("sweep"), 1);
    assert_eq!(backend.log.sweep_slots(1000).await.expect("sweep"), 0);
    assert_eq!(slots(backend, 0).await.len(), 1);
}

/// The same key is another counter in another account.
pub async fn slots_of_two_accounts_are_kept_apart(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await.id(), Tenant::create(backend, "other").await.id());
    add(backend, vec![delta(one, "a", 1, 5, 0), delta(other, "a", 1, 7, 0), delta(one, "a", 1, -1, 0)]).await;
    let found: Vec<_> = slots(backend, 0).await.into_iter().map(|slot| (slot.account_id, slot.amount_micros)).collect();
    assert!(found.contains(&(one, 4)) && found.contains(&(other, 7)) && found.len() == 2, "{found:?}");
}

/// A record without its counters would be a call that no limit knows.
pub async fn batch_that_fails_writes_nothing(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let decision = one.decision(at(1));
    let batch = LogBatch {
        decisions: vec![decision.clone()],
        endings: Vec::new(),
        // More than an integer holds.
        slots: vec![delta(one.id(), "a", 1, i64::MAX, 0), delta(one.id(), "a", 1, i64::MAX, 0)],
    };
    let error = backend.log.commit(&batch).await.expect_err("too much");
    assert!(matches!(error, StorageError::Other(_)), "{error:?}");
    assert_eq!(backend.store.get_decision(one.id(), decision.id).await.expect("get"), None);
    assert!(slots(backend, 0).await.is_empty());
    record(backend, vec![decision.clone()]).await;
    assert!(backend.store.get_decision(one.id(), decision.id).await.expect("get").is_some());
}

/// Each waits for its turn; none is refused.
pub async fn batches_at_the_same_time_lose_nothing(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let batches = (0..20).map(|_| {
        let batch = LogBatch {
            decisions: vec![one.decision(at(1))],
            endings: Vec::new(),
            slots: vec![delta(one.id(), "a", 1, 1_000_000, 0)],
        };
        async move { backend.log.commit(&batch).await }
    });
    for written in futures_util::future::join_all(batches).await {
        written.expect("commit");
    }
    assert_eq!(slots(backend, 0).await[0].amount_micros, 20_000_000);
    let page = backend
        .store
        .list_decisions(one.id(), &crate::DecisionFilter::default(), super::fixture::first(50))
        .await
        .expect("list");
    assert_eq!(page.items.len(), 20);
}
