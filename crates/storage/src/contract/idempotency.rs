//! Cases of idempotency keys.

use futures_util::future::join_all;

use super::Backend;
use super::fixture::{Tenant, at, hash};
use crate::{Claim, IdempotencyKey, Unrecorded};

fn key(tenant: &Tenant, seed: u8) -> IdempotencyKey {
    let caller = tenant.owner.id.to_string();
    IdempotencyKey { account_id: tenant.id(), caller, key_hash: hash(seed), request_hash: hash(9) }
}

async fn claim(backend: &Backend, key: &IdempotencyKey, now: i64) -> Claim {
    let mut tx = backend.store.begin().await.expect("begin");
    let claim = tx.claim_idempotency_key(key, at(now), at(now + 10)).await.expect("claim");
    tx.commit(Unrecorded::Housekeeping.into()).await.expect("commit");
    claim
}

/// Until it expires.
pub async fn key_claimed_is_pending_and_then_answered(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    assert_eq!(claim(backend, &key, 0).await, Claim::Fresh);
    assert_eq!(claim(backend, &key, 1).await, Claim::Pending);
    written!(backend, answer_idempotency_key(&key, b"\0yes"));
    assert_eq!(claim(backend, &key, 2).await, Claim::Answered(b"\0yes".to_vec()));
    let other = IdempotencyKey { request_hash: hash(8), ..key.clone() };
    assert_eq!(claim(backend, &other, 2).await, Claim::OtherRequest);
    assert_eq!(claim(backend, &key, 10).await, Claim::Fresh);
}

/// Nothing was written, so the caller may try again.
pub async fn key_released_is_fresh_and_one_answered_stays(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    claim(backend, &key, 0).await;
    written!(backend, release_idempotency_key(&key));
    assert_eq!(claim(backend, &key, 0).await, Claim::Fresh);
    written!(backend, answer_idempotency_key(&key, b"x"), release_idempotency_key(&key));
    assert_eq!(claim(backend, &key, 0).await, Claim::Answered(b"x".to_vec()));
}

/// The same text is another key.
pub async fn key_of_another_caller_or_account_is_another_one(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mine = key(&one, 1);
    claim(backend, &mine, 0).await;
    assert_eq!(claim(backend, &key(&other, 1), 0).await, Claim::Fresh);
    let colleague = IdempotencyKey { caller: "key_x".to_owned(), ..mine.clone() };
    assert_eq!(claim(backend, &colleague, 0).await, Claim::Fresh);
    assert_eq!(claim(backend, &key(&one, 2), 0).await, Claim::Fresh);
    written!(backend, answer_idempotency_key(&mine, b"mine"));
    assert_eq!(claim(backend, &colleague, 0).await, Claim::Pending);
}

/// One of them writes.
pub async fn key_claimed_by_many_at_once_is_fresh_for_one(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one, 1);
    let claims = join_all((0..8).map(|_| claim(backend, &key, 0))).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::Fresh).count(), 1, "{claims:?}");
}
