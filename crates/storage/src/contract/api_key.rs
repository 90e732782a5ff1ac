//! Cases of API keys.

use ostiary_model::{ApiKey, ApiKeyId, Label, Role, UserId};

use super::Backend;
use super::fixture::{Tenant, after, at, first, hash};
use crate::Unrecorded;

fn key(tenant: &Tenant) -> ApiKey {
    ApiKey {
        id: ApiKeyId::generate(),
        account_id: tenant.id(),
        label: Label::parse("deploy").expect("a label"),
        role: Role::Admin,
        hint: "wxyz".into(),
        created_by: tenant.owner.id,
        created_at: at(0),
        expires_at: Some(at(50)),
        last_used_at: None,
        revoked_at: None,
    }
}

async fn find(backend: &Backend, seed: u8) -> ApiKey {
    backend.store.find_api_key_by_hash(&hash(seed)).await.expect("find").expect("a key").key
}

/// One read answers the key and its account.
pub async fn key_created_is_found_by_hash(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one);
    written!(backend, create_api_key(&key, &hash(1)));
    let found = backend.store.find_api_key_by_hash(&hash(1)).await.expect("find").expect("a key");
    assert_eq!(found.key, key);
    assert_eq!(found.account, one.account);
    assert!(backend.store.find_api_key_by_hash(&hash(2)).await.expect("find").is_none());
}

/// A hash opens one account.
pub async fn key_with_a_taken_hash_is_a_conflict(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_api_key(&key(&one), &hash(1)));
    assert_conflict!(refused!(backend, create_api_key(&key(&other), &hash(1))), "api_keys_hash_key");
}

/// The list is of one account, and what is revoked is not in it.
pub async fn keys_are_listed_in_pages_without_revoked_ones(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let keys: Vec<ApiKey> = (0..4).map(|_| key(&one)).collect();
    for (seed, key) in (0..).zip(&keys) {
        written!(backend, create_api_key(key, &hash(seed)));
    }
    written!(backend, create_api_key(&key(&other), &hash(100)), revoke_api_key(one.id(), keys[2].id, at(9)));
    let page = backend.store.list_api_keys(one.id(), first(2)).await.expect("list");
    assert_eq!(page.items, [keys[3].clone(), keys[1].clone()]);
    assert!(page.has_more);
    let page = backend.store.list_api_keys(one.id(), after(2, keys[1].id)).await.expect("list");
    assert_eq!(page.items, [keys[0].clone()]);
    assert!(!page.has_more);
}

/// When it was revoked does not move.
pub async fn key_revoked_twice_keeps_the_first_time(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one);
    written!(
        backend,
        create_api_key(&key, &hash(1)),
        revoke_api_key(one.id(), key.id, at(9)),
        revoke_api_key(one.id(), key.id, at(10))
    );
    assert_eq!(find(backend, 1).await.revoked_at, Some(at(9)));
}

/// Notes may come in any order.
pub async fn key_touched_keeps_the_latest_time(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let key = key(&one);
    written!(
        backend,
        create_api_key(&key, &hash(1)),
        touch_api_key(one.id(), key.id, at(9)),
        touch_api_key(one.id(), key.id, at(8))
    );
    assert_eq!(find(backend, 1).await.last_used_at, Some(at(9)));
}

/// A stranger finds nothing to write.
pub async fn key_of_another_account_is_neither_read_nor_written(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let key = key(&one);
    written!(backend, create_api_key(&key, &hash(1)));
    assert_eq!(backend.store.get_api_key(one.id(), key.id).await.expect("get"), Some(key.clone()));
    assert_eq!(backend.store.get_api_key(other.id(), key.id).await.expect("get"), None);
    assert_not_found!(refused!(backend, revoke_api_key(other.id(), key.id, at(1))));
    assert_not_found!(refused!(backend, touch_api_key(other.id(), key.id, at(1))));
    assert_eq!(find(backend, 1).await, key);
    let page = backend.store.list_api_keys(other.id(), first(10)).await.expect("list");
    assert!(page.items.is_empty());
}

/// Keys of one maker with certain roles, in one account.
pub async fn keys_of_a_user_are_revoked_by_role(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (admins, mut viewers, mut owners, mut theirs) = (key(&one), key(&one), key(&one), key(&other));
    viewers.role = Role::Viewer;
    owners.role = Role::Owner;
    owners.created_by = UserId::generate();
    theirs.created_by = one.owner.id;
    for (seed, key) in [(1, &admins), (2, &viewers), (3, &owners), (4, &theirs)] {
        written!(backend, create_api_key(key, &hash(seed)));
    }
    let roles = [Role::Owner, Role::Admin];
    for expected in [1, 0] {
        let mut tx = backend.store.begin().await.expect("begin");
        assert_eq!(tx.revoke_api_keys_of(one.id(), one.owner.id, &roles, at(8)).await.expect("revoke"), expected);
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    }
    assert_eq!(find(backend, 1).await.revoked_at, Some(at(8)));
    for seed in [2, 3, 4] {
        assert_eq!(find(backend, seed).await.revoked_at, None, "{seed}");
    }
}
