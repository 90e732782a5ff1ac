//! Cases of accounts.

use super::Backend;
use ostiary_model::Role;

use super::fixture::{Tenant, account, at, binding, first, hash, name, record, slug, user};
use crate::{DecisionFilter, LogBatch, SlotDelta, Unrecorded};

/// What is written is read.
pub async fn account_created_is_found_by_id_and_slug(backend: &Backend) {
    let (one, other) = (account("one"), account("other"));
    written!(backend, create_account(&one), create_account(&other));
    assert_eq!(backend.store.get_account(one.id).await.expect("get"), Some(one.clone()));
    assert_eq!(backend.store.find_account_by_slug(&one.slug).await.expect("find"), Some(one));
    assert_eq!(backend.store.get_account(account("third").id).await.expect("get"), None);
    assert_eq!(backend.store.find_account_by_slug(&slug("third")).await.expect("find"), None);
}

/// Slugs are unique in the installation.
pub async fn account_with_a_taken_slug_is_a_conflict(backend: &Backend) {
    written!(backend, create_account(&account("one")));
    assert_conflict!(refused!(backend, create_account(&account("one"))), "accounts_slug_key");
}

/// The name changes; the slug, which stands in URLs, does not.
pub async fn account_updated_has_the_new_name(backend: &Backend) {
    let before = account("one");
    written!(backend, create_account(&before));
    let mut changed = before.clone();
    changed.name = name("Another name");
    changed.updated_at = at(5);
    written!(backend, update_account(&changed));
    assert_eq!(backend.store.get_account(before.id).await.expect("get"), Some(changed));
}

/// Nothing is made by an update.
pub async fn account_not_there_is_not_updated(backend: &Backend) {
    assert_not_found!(refused!(backend, update_account(&account("one"))));
}

/// Each of two writers sees what the other one wrote, if it comes second.
pub async fn account_locked_is_changed_by_one_after_the_other(backend: &Backend) {
    let before = account("one");
    written!(backend, create_account(&before));
    let lengthen = async || {
        let mut tx = backend.store.begin().await.expect("begin");
        let mut held = tx.lock_account(before.id).await.expect("lock").expect("an account");
        held.name = name(&format!("{}+", held.name.as_str()));
        tx.update_account(&held).await.expect("update");
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    };
    futures_util::future::join_all((0..4).map(|_| lengthen())).await;
    let found = backend.store.get_account(before.id).await.expect("get").expect("an account");
    assert_eq!(found.name.as_str(), format!("{}++++", before.name.as_str()));
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.lock_account(account("two").id).await.expect("lock"), None);
}

/// The time is kept and cleared; meanwhile grants open nothing.
pub async fn account_to_be_deleted_opens_nothing_until_restored(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    one.create_grant(backend, vec![binding(&server, None)], hash(1)).await;
    for (delete_at, opens) in [(Some(at(50)), false), (None, true)] {
        written!(backend, set_account_deletion(one.id(), delete_at, at(9)));
        let found = backend.store.get_account(one.id()).await.expect("get").expect("an account");
        assert_eq!((found.delete_at, found.updated_at), (delete_at, at(9)));
        assert_eq!(backend.store.find_snapshot_by_token(&hash(1)).await.expect("find").is_some(), opens);
    }
    assert_not_found!(refused!(backend, set_account_deletion(account("two").id, None, at(9))));
}

/// At its time and not before; those whose time has come longest first.
pub async fn accounts_to_delete_are_those_whose_time_has_come(backend: &Backend) {
    let (one, two, three) = (account("one"), account("two"), account("three"));
    written!(
        backend,
        create_account(&one),
        create_account(&two),
        create_account(&three),
        set_account_deletion(one.id, Some(at(50)), at(1)),
        set_account_deletion(two.id, Some(at(40)), at(1))
    );
    let due = async |seconds, limit| backend.store.list_accounts_to_delete(at(seconds), limit).await.expect("list");
    assert_eq!(due(39, 9).await, []);
    assert_eq!(due(40, 9).await, [two.id]);
    assert_eq!(due(50, 9).await, [two.id, one.id]);
    assert_eq!(due(50, 1).await, [two.id]);
    assert_not_found!(refused!(backend, delete_account(one.id, at(49))));
    assert_not_found!(refused!(backend, delete_account(three.id, at(99))));
}

/// Everything in it goes, and people who are nowhere else; other accounts keep what they have.
pub async fn account_deleted_leaves_nothing(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    one.create_grant(backend, vec![binding(&server, Some(&policy))], hash(1)).await;
    let kept = other.create_server(backend, "pay").await;
    written!(
        backend,
        create_member(one.id(), other.owner.id, Role::Viewer, at(0)),
        set_account_deletion(one.id(), Some(at(50)), at(1))
    );
    record(backend, vec![one.decision(at(1)), one.decision(at(2)), other.decision(at(3))]).await;
    let slot = SlotDelta {
        account_id: one.id(),
        key: "k".to_owned(),
        slot: 1,
        delta_micros: 5,
        last_ms: 1,
        expires_ms: i64::MAX,
    };
    backend.log.commit(&LogBatch { slots: vec![slot], ..LogBatch::default() }).await.expect("commit");

    for expected in [1, 1, 0] {
        let mut tx = backend.store.begin().await.expect("begin");
        assert_eq!(tx.delete_decisions(one.id(), 1).await.expect("delete"), expected);
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    }
    written!(backend, delete_account(one.id(), at(50)));

    assert_eq!(backend.store.get_account(one.id()).await.expect("get"), None);
    assert_eq!(backend.store.get_server(one.id(), server.id).await.expect("get"), None);
    assert!(backend.store.find_snapshot_by_token(&hash(1)).await.expect("find").is_none());
    assert!(backend.store.get_user(one.owner.id).await.expect("get").is_none());
    assert!(backend.store.get_user(other.owner.id).await.expect("get").is_some());
    assert_eq!(backend.store.list_memberships(other.owner.id).await.expect("list").len(), 1);
    assert_eq!(backend.store.get_server(other.id(), kept.id).await.expect("get"), Some(kept));
    for (tenant, left) in [(&one, 0), (&other, 1)] {
        let found = backend.store.list_decisions(tenant.id(), &DecisionFilter::default(), first(9)).await;
        assert_eq!(found.expect("list").items.len(), left);
    }
    let slots = backend.log.load_slots(at(0).timestamp_millis()).await.expect("load");
    assert!(slots.iter().all(|slot| slot.account_id != one.id()));
    assert_not_found!(refused!(backend, delete_account(one.id(), at(50))));
    // The slug is free again.
    written!(backend, create_account(&account("one")), create_user(&user("one")));
}
