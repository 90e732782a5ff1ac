//! Cases of second factors.

use ostiary_model::UserId;

use super::Backend;
use super::fixture::{at, hash, user};
use crate::{StoredTotp, Unrecorded};

async fn take_step(backend: &Backend, user_id: UserId, step: i64) -> bool {
    let mut tx = backend.store.begin().await.expect("begin");
    let taken = tx.take_totp_step(user_id, step).await.expect("take");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    taken
}

async fn take_code(backend: &Backend, user_id: UserId, seed: u8) -> bool {
    let mut tx = backend.store.begin().await.expect("begin");
    let taken = tx.take_recovery_code(user_id, &hash(seed)).await.expect("take");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    taken
}

/// It may be replaced until it is confirmed, and not afterwards.
pub async fn totp_put_is_replaced_until_it_is_confirmed(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    written!(backend, create_user(&ann), create_user(&bob), put_totp(id, b"one"), put_totp(id, b"two"));
    let stored = |sealed: &[u8], confirmed_at| Some(StoredTotp { sealed: sealed.to_vec(), confirmed_at });
    assert_eq!(backend.store.get_totp(id).await.expect("get"), stored(b"two", None));
    assert_not_found!(refused!(backend, confirm_totp(other, at(3))));
    written!(backend, confirm_totp(id, at(3)));
    assert_not_found!(refused!(backend, confirm_totp(id, at(4))));
    assert_not_found!(refused!(backend, put_totp(id, b"three")));
    assert_not_found!(refused!(backend, put_totp(UserId::generate(), b"one")));
    assert_eq!(backend.store.get_totp(id).await.expect("get"), stored(b"two", Some(at(3))));
    assert_eq!(backend.store.get_totp(other).await.expect("get"), None);
}

/// No code is taken twice, nor one from before.
pub async fn totp_step_is_taken_once_and_in_order(backend: &Backend) {
    let ann = user("ann");
    let id = ann.user.id;
    written!(backend, create_user(&ann), put_totp(id, b"one"));
    for (step, expected) in [(10, true), (10, false), (9, false), (11, true)] {
        assert_eq!(take_step(backend, id, step).await, expected, "{step}");
    }
    assert!(!take_step(backend, UserId::generate(), 1).await);
}

/// Each works once, for its user.
pub async fn recovery_codes_are_replaced_and_taken_once(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    written!(
        backend,
        create_user(&ann),
        create_user(&bob),
        replace_recovery_codes(id, &[hash(1), hash(2)]),
        replace_recovery_codes(other, &[hash(1)]),
        replace_recovery_codes(id, &[hash(3), hash(4)])
    );
    assert_eq!(backend.store.count_recovery_codes(id).await.expect("count"), 2);
    for (seed, expected) in [(1, false), (3, true), (3, false)] {
        assert_eq!(take_code(backend, id, seed).await, expected, "{seed}");
    }
    assert_eq!(backend.store.count_recovery_codes(id).await.expect("count"), 1);
    assert_eq!(backend.store.count_recovery_codes(other).await.expect("count"), 1);
}

/// Everything of one user goes.
pub async fn second_factors_deleted_are_gone(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    for stored in [&ann, &bob] {
        let id = stored.user.id;
        written!(backend, create_user(stored), put_totp(id, b"one"), replace_recovery_codes(id, &[hash(1)]));
    }
    for expected in [true, false] {
        let mut tx = backend.store.begin().await.expect("begin");
        assert_eq!(tx.delete_second_factors(id).await.expect("delete"), expected);
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    }
    assert_eq!(backend.store.get_totp(id).await.expect("get"), None);
    assert_eq!(backend.store.count_recovery_codes(id).await.expect("count"), 0);
    assert!(backend.store.get_totp(other).await.expect("get").is_some());
    assert_eq!(backend.store.count_recovery_codes(other).await.expect("count"), 1);
}
