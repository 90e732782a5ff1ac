//! Cases of what accounts did: sums that go with the log.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ostiary_model::decision::{Decision, Ending, EndingResult, Outcome};
use ostiary_model::{AccountId, DecisionId, UsageDay};

use super::Backend;
use super::fixture::{Tenant, at, record};
use crate::{LogBatch, SlotDelta, Unrecorded};

fn day(time: DateTime<Utc>) -> NaiveDate {
    time.date_naive()
}

async fn usage(backend: &Backend, id: AccountId) -> Vec<UsageDay> {
    let (first, last) = (day(at(0)) - TimeDelta::days(9), day(at(0)) + TimeDelta::days(9));
    backend.store.list_usage(id, first, last).await.expect("list")
}

async fn end(backend: &Backend, endings: Vec<(AccountId, DecisionId, Ending)>) {
    backend.log.commit(&LogBatch { endings, ..LogBatch::default() }).await.expect("commit");
}

fn ending(result: EndingResult, bytes_out: i64) -> Ending {
    Ending { result, upstream_status: None, bytes_out, upstream_ms: 1 }
}

fn call(tenant: &Tenant, time: DateTime<Utc>, outcome: Outcome, bytes_in: i64) -> Decision {
    Decision { outcome, bytes_in, ..tenant.decision(time) }
}

fn sum(time: DateTime<Utc>, outcome: Outcome, calls: i64, bytes_in: i64) -> UsageDay {
    UsageDay { day: day(time), outcome, calls, unsent: 0, bytes_in, bytes_out: 0 }
}

/// A record that is sent again is in the log once, and counts once.
pub async fn usage_adds_up_what_is_written_once(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let next = at(0) + TimeDelta::days(1);
    let calls = vec![
        call(&one, at(0), Outcome::Allowed, 5),
        call(&one, at(1), Outcome::Denied, 7),
        call(&one, next, Outcome::Allowed, 9),
    ];
    record(backend, calls.clone()).await;
    let again = [calls, vec![call(&one, at(2), Outcome::Allowed, 1)]].concat();
    record(backend, again.clone()).await;
    record(backend, [again.clone(), again].concat()).await;
    let expected =
        [sum(at(0), Outcome::Allowed, 2, 6), sum(at(0), Outcome::Denied, 1, 7), sum(next, Outcome::Allowed, 1, 9)];
    assert_eq!(usage(backend, one.id()).await, expected);
    let some = backend.store.list_usage(one.id(), day(next), day(next)).await.expect("list");
    assert_eq!(some, expected[2..]);
}

/// Whether it comes with its record, after it, or twice; the first one stands.
pub async fn usage_of_endings_is_added_once(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (first, second) = (call(&one, at(0), Outcome::Allowed, 0), call(&one, at(0), Outcome::Allowed, 0));
    let whole =
        Decision { ending: Some(ending(EndingResult::Unreachable, 1)), ..call(&one, at(0), Outcome::Allowed, 0) };
    record(backend, vec![first.clone(), whole.clone()]).await;
    let batch = LogBatch {
        decisions: vec![second.clone()],
        endings: vec![(one.id(), second.id, ending(EndingResult::Ok, 10))],
        slots: Vec::new(),
    };
    backend.log.commit(&batch).await.expect("commit");
    backend.log.commit(&batch).await.expect("commit");
    end(backend, vec![(one.id(), first.id, ending(EndingResult::Unreachable, 100))]).await;
    end(
        backend,
        vec![
            (one.id(), first.id, ending(EndingResult::Ok, 900)),
            (one.id(), whole.id, ending(EndingResult::Ok, 900)),
            (one.id(), DecisionId::generate(), ending(EndingResult::Ok, 900)),
        ],
    )
    .await;
    let expected = UsageDay { unsent: 2, bytes_out: 111, ..sum(at(0), Outcome::Allowed, 3, 0) };
    assert_eq!(usage(backend, one.id()).await, [expected]);
    let found = backend.store.get_decision(one.id(), first.id).await.expect("get").expect("a decision");
    assert_eq!(found.ending, Some(ending(EndingResult::Unreachable, 100)));
}

/// The account is a part of every row, and of every ending.
pub async fn usage_of_another_account_is_kept_apart(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mine = call(&one, at(0), Outcome::Allowed, 5);
    record(backend, vec![mine.clone(), call(&other, at(0), Outcome::Allowed, 7)]).await;
    end(backend, vec![(other.id(), mine.id, ending(EndingResult::Ok, 900))]).await;
    assert_eq!(usage(backend, one.id()).await, [sum(at(0), Outcome::Allowed, 1, 5)]);
    assert_eq!(usage(backend, other.id()).await, [sum(at(0), Outcome::Allowed, 1, 7)]);
    assert_eq!(usage(backend, AccountId::generate()).await, []);
}

/// All or nothing, as the records.
pub async fn usage_of_a_batch_that_fails_is_not_added(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let slot = SlotDelta {
        account_id: one.id(),
        key: "a".to_owned(),
        slot: 1,
        // Twice more than an integer holds.
        delta_micros: i64::MAX,
        last_ms: 0,
        expires_ms: 1000,
    };
    let batch = LogBatch {
        decisions: vec![call(&one, at(0), Outcome::Allowed, 5)],
        endings: Vec::new(),
        slots: vec![slot.clone(), slot],
    };
    backend.log.commit(&batch).await.expect_err("too much");
    assert_eq!(usage(backend, one.id()).await, []);
}

/// Batches wait for their turn on the rows that they share, whatever the order of what is in them.
pub async fn usage_of_batches_at_the_same_time_is_added_up(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let earlier: Vec<Decision> = (0..10).map(|_| call(&one, at(0), Outcome::Allowed, 1)).collect();
    record(backend, earlier.clone()).await;
    let batches = earlier.iter().enumerate().map(|(number, before)| {
        let mut decisions = vec![call(&one, at(0), Outcome::Denied, 2), call(&other, at(0), Outcome::Allowed, 3)];
        if number % 2 == 1 {
            decisions.reverse();
        }
        let endings = vec![(one.id(), before.id, ending(EndingResult::Ok, 4))];
        let batch = LogBatch { decisions, endings, slots: Vec::new() };
        async move { backend.log.commit(&batch).await }
    });
    for written in futures_util::future::join_all(batches).await {
        written.expect("commit");
    }
    let allowed = UsageDay { bytes_out: 40, ..sum(at(0), Outcome::Allowed, 10, 10) };
    assert_eq!(usage(backend, one.id()).await, [allowed, sum(at(0), Outcome::Denied, 10, 20)]);
    assert_eq!(usage(backend, other.id()).await, [sum(at(0), Outcome::Allowed, 10, 30)]);
}

/// Nothing of an account is left.
pub async fn usage_goes_with_its_account(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    record(backend, vec![one.decision(at(0)), other.decision(at(0))]).await;
    written!(backend, set_account_deletion(one.id(), Some(at(50)), at(1)));
    let mut tx = backend.store.begin().await.expect("begin");
    tx.delete_decisions(one.id(), 9).await.expect("delete");
    tx.delete_account(one.id(), at(50)).await.expect("delete");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    assert_eq!(usage(backend, one.id()).await, []);
    assert_eq!(usage(backend, other.id()).await.len(), 1);
}
