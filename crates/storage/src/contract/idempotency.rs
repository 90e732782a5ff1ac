//! Cases of idempotency keys.

use futures_util::future::join_all;

use super::Backend;
use super::fixture::{Tenant, at, hash};
use crate::{Claim, ClaimTimes, ClaimedKey, IdempotencyKey, Unrecorded};

fn key(tenant: &Tenant, seed: u8) -> IdempotencyKey {
    let caller = tenant.owner.id.to_string();
    IdempotencyKey { account_id: tenant.id(), caller, key_hash: hash(seed), request_hash: hash(9) }
}

fn claimed(key: &IdempotencyKey, number: i64) -> ClaimedKey {
    ClaimedKey { key: key.clone(), number }
}

/// Who has not come back for 5 is gone; after 10 the key is forgotten.
async fn claim(backend: &Backend, key: &IdempotencyKey, now: i64) -> Claim {
    let mut tx = backend.store.begin().await.expect("begin");
    let times = ClaimTimes { now: at(now), gone_since: at(now - 5), expires_at: at(now + 10) };
    let claim = tx.claim_idempotency_key(key, times).await.expect("claim");
    tx.commit(Unrecorded::Housekeeping.into()).await.expect("commit");
    claim
}

/// Until it expires.
pub async fn key_claimed_is_pending_and_then_answered(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    assert_eq!(claim(backend, &key, 0).await, Claim::Fresh(1));
    assert_eq!(claim(backend, &key, 1).await, Claim::Pending);
    written!(backend, mark_idempotency_key(&claimed(&key, 1)));
    assert_eq!(claim(backend, &key, 1).await, Claim::Pending);
    written!(backend, answer_idempotency_key(&claimed(&key, 1), b"\0yes"));
    assert_eq!(claim(backend, &key, 9).await, Claim::Answered(b"\0yes".to_vec()));
    let other = IdempotencyKey { request_hash: hash(8), ..key.clone() };
    assert_eq!(claim(backend, &other, 9).await, Claim::OtherRequest);
    assert_eq!(claim(backend, &key, 10).await, Claim::Fresh(1));
}

/// Nothing was written, so the caller may try again.
pub async fn key_released_is_fresh_and_one_answered_stays(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    claim(backend, &key, 0).await;
    written!(backend, release_idempotency_key(&claimed(&key, 1)));
    assert_eq!(claim(backend, &key, 0).await, Claim::Fresh(1));
    let held = claimed(&key, 1);
    written!(backend, answer_idempotency_key(&held, b"x"), release_idempotency_key(&held));
    assert_eq!(claim(backend, &key, 0).await, Claim::Answered(b"x".to_vec()));
}

/// It was done, so it is not done again, and nobody waits for the answer.
pub async fn key_released_after_a_write_is_known_to_have_written(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    claim(backend, &key, 0).await;
    written!(backend, mark_idempotency_key(&claimed(&key, 1)));
    written!(backend, release_idempotency_key(&claimed(&key, 1)));
    assert_eq!(claim(backend, &key, 1).await, Claim::Written);
    // Nor when its process ended before it could say so.
    let second = IdempotencyKey { key_hash: hash(2), ..key.clone() };
    claim(backend, &second, 0).await;
    written!(backend, mark_idempotency_key(&claimed(&second, 1)));
    assert_eq!(claim(backend, &second, 4).await, Claim::Pending);
    assert_eq!(claim(backend, &second, 5).await, Claim::Written);
}

/// Whoever held it was only slow: they write nothing any more.
pub async fn key_of_a_request_that_is_gone_is_taken_over(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    claim(backend, &key, 0).await;
    assert_eq!(claim(backend, &key, 4).await, Claim::Pending);
    assert_eq!(claim(backend, &key, 5).await, Claim::Fresh(2));
    let (slow, now) = (claimed(&key, 1), claimed(&key, 2));
    assert!(matches!(refused!(backend, mark_idempotency_key(&slow)), Err(crate::StorageError::Stale)));
    written!(backend, answer_idempotency_key(&slow, b"slow"), release_idempotency_key(&slow));
    assert_eq!(claim(backend, &key, 6).await, Claim::Pending);
    written!(backend, mark_idempotency_key(&now), answer_idempotency_key(&now, b"now"));
    assert_eq!(claim(backend, &key, 12).await, Claim::Answered(b"now".to_vec()));
}

/// The note goes with what it stands for.
pub async fn key_marked_in_a_transaction_that_is_undone_has_not_written(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    claim(backend, &key, 0).await;
    let mut tx = backend.store.begin().await.expect("begin");
    tx.mark_idempotency_key(&claimed(&key, 1)).await.expect("mark");
    drop(tx);
    written!(backend, release_idempotency_key(&claimed(&key, 1)));
    assert_eq!(claim(backend, &key, 0).await, Claim::Fresh(1));
}

/// The same text is another key.
pub async fn key_of_another_caller_or_account_is_another_one(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mine = key(&one, 1);
    claim(backend, &mine, 0).await;
    assert_eq!(claim(backend, &key(&other, 1), 0).await, Claim::Fresh(1));
    let colleague = IdempotencyKey { caller: "key_x".to_owned(), ..mine.clone() };
    assert_eq!(claim(backend, &colleague, 0).await, Claim::Fresh(1));
    assert_eq!(claim(backend, &key(&one, 2), 0).await, Claim::Fresh(1));
    written!(backend, answer_idempotency_key(&claimed(&mine, 1), b"mine"));
    assert_eq!(claim(backend, &colleague, 0).await, Claim::Pending);
}

/// One of them writes; of those that take it over, too.
pub async fn key_claimed_by_many_at_once_is_fresh_for_one(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    for (now, number) in [(0, 1), (5, 2)] {
        let claims = join_all((0..8).map(|_| claim(backend, &key, now))).await;
        let fresh: Vec<_> = claims.iter().filter(|claim| **claim != Claim::Pending).collect();
        assert_eq!(fresh, [&Claim::Fresh(number)], "{claims:?}");
    }
}
