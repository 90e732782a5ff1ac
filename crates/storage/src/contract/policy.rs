//! Cases of policies.

use ostiary_model::{Policy, PolicyId, ServerId};

use super::Backend;
use super::fixture::{Tenant, after, binding, first, hash, name};

async fn get(backend: &Backend, policy: &Policy) -> Option<Policy> {
    backend.store.get_policy(policy.account_id, policy.id).await.expect("get")
}

/// What is written is read, the document byte for byte.
pub async fn policy_created_is_found_with_its_version(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut policy = one.policy(&server, "rules");
    policy.version.document = "{\r\n\t\"a\" : 1.50, \"a\": \"\u{1F512}\" }\n\n".to_owned();
    written!(backend, create_policy(&policy));
    assert_eq!(get(backend, &policy).await, Some(policy.clone()));
    let version = backend.store.get_policy_version(one.id(), policy.id, 1).await.expect("get");
    assert_eq!(version, Some(policy.version));
    assert_eq!(backend.store.get_policy(one.id(), PolicyId::generate()).await.expect("get"), None);
}

/// Names are unique on a server.
pub async fn policy_with_a_taken_name_is_a_conflict_on_its_server_only(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    one.create_policy(backend, &pay, "rules").await;
    assert_conflict!(refused!(backend, create_policy(&one.policy(&pay, "rules"))), "policies_server_id_name_key");
    one.create_policy(backend, &mail, "rules").await;
}

/// Neither on another account's server nor on none.
pub async fn policy_on_a_strange_server_is_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    assert_not_found!(refused!(backend, create_policy(&other.policy(&server, "rules"))));
    let mut policy = one.policy(&server, "rules");
    policy.server_id = ServerId::generate();
    assert_not_found!(refused!(backend, create_policy(&policy)));
}

/// Pages join without gap or repetition, of one server or of all.
pub async fn policies_are_listed_in_pages_by_server(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let a = one.create_policy(backend, &pay, "a").await;
    let b = one.create_policy(backend, &mail, "b").await;
    let c = one.create_policy(backend, &pay, "c").await;
    let page = backend.store.list_policies(one.id(), None, first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[c.clone(), b.clone()][..], true));
    let page = backend.store.list_policies(one.id(), None, after(2, b.id)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[a.clone()][..], false));
    let page = backend.store.list_policies(one.id(), Some(pay.id), first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[c, a][..], false));
}

/// An edit is a new version; the old one stays.
pub async fn version_created_is_the_newest(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut policy = one.create_policy(backend, &server, "rules").await;
    let mut second = one.version(2);
    second.rolled_back_to = Some(1);
    written!(backend, create_policy_version(one.id(), policy.id, &second));
    let old = backend.store.get_policy_version(one.id(), policy.id, 1).await.expect("get");
    assert_eq!(old.as_ref(), Some(&policy.version));
    policy.version = second;
    assert_eq!(get(backend, &policy).await, Some(policy.clone()));
    let page = backend.store.list_policies(one.id(), None, first(9)).await.expect("list");
    assert_eq!(page.items, [policy]);
}

/// Of two editors who saw the same version, one is told.
pub async fn version_behind_another_is_stale(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    written!(backend, create_policy_version(one.id(), policy.id, &one.version(2)));
    for number in [1, 2, 4] {
        assert_stale!(refused!(backend, create_policy_version(one.id(), policy.id, &one.version(number))));
    }
    let nowhere = PolicyId::generate();
    assert_not_found!(refused!(backend, create_policy_version(one.id(), nowhere, &one.version(2))));
    assert_eq!(get(backend, &policy).await.expect("a policy").version, one.version(2));
}

/// Pages join without gap or repetition.
pub async fn versions_are_listed_in_pages_the_newest_first(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    one.create_policy(backend, &server, "other").await;
    for number in 2..=3 {
        written!(backend, create_policy_version(one.id(), policy.id, &one.version(number)));
    }
    let page = backend.store.list_policy_versions(one.id(), policy.id, first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[one.version(3), one.version(2)][..], true));
    let page = backend.store.list_policy_versions(one.id(), policy.id, after(2, 2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[one.version(1)][..], false));
    assert_eq!(backend.store.get_policy_version(one.id(), policy.id, 4).await.expect("get"), None);
}

/// A name is no version.
pub async fn policy_renamed_has_the_new_name(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut policy = one.create_policy(backend, &server, "rules").await;
    one.create_policy(backend, &server, "taken").await;
    policy.name = name("new rules");
    written!(backend, rename_policy(one.id(), policy.id, &policy.name));
    assert_eq!(get(backend, &policy).await, Some(policy.clone()));
    assert_conflict!(
        refused!(backend, rename_policy(one.id(), policy.id, &name("taken"))),
        "policies_server_id_name_key"
    );
    assert_not_found!(refused!(backend, rename_policy(one.id(), PolicyId::generate(), &name("x"))));
}

/// Its name is free again.
pub async fn policy_deleted_is_gone_with_its_versions(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.lock_policy(one.id(), policy.id).await.expect("lock"), Some(1));
    tx.delete_policy(one.id(), policy.id).await.expect("delete");
    assert_eq!(tx.lock_policy(one.id(), policy.id).await.expect("lock"), None);
    tx.commit(crate::Unrecorded::Fixture.into()).await.expect("commit");
    assert_eq!(get(backend, &policy).await, None);
    assert_eq!(backend.store.get_policy_version(one.id(), policy.id, 1).await.expect("get"), None);
    assert_not_found!(refused!(backend, delete_policy(one.id(), policy.id)));
    one.create_policy(backend, &server, "rules").await;
}

/// No grant loses its policy by surprise.
pub async fn policy_that_is_bound_is_not_deleted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    let grant = one.create_grant(backend, vec![binding(&server, Some(&policy))], hash(1)).await;
    assert_conflict!(refused!(backend, delete_policy(one.id(), policy.id)), "bindings_policy_id_fkey");
    assert_eq!(get(backend, &policy).await, Some(policy.clone()));
    written!(backend, delete_binding(one.id(), grant.id, server.id), delete_policy(one.id(), policy.id));
    assert_eq!(get(backend, &policy).await, None);
}

/// What is revoked decides nothing, and keeps nothing from going.
pub async fn policy_of_revoked_grants_is_deleted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    let grant = one.create_grant(backend, vec![binding(&server, Some(&policy))], hash(1)).await;
    let at = grant.created_at;
    written!(backend, revoke_grant(one.id(), grant.id, at));
    let revoked = backend.store.get_grant(one.id(), grant.id).await.expect("get").expect("a grant");
    written!(backend, delete_policy(one.id(), policy.id));
    assert_eq!(get(backend, &policy).await, None);
    let grant = backend.store.get_grant(one.id(), grant.id).await.expect("get").expect("a grant");
    assert_eq!(grant.bindings, [binding(&server, None)]);
    assert_eq!(grant.revision, revoked.revision + 1);
}

/// Grants that are revoked are not counted, nor what is not asked for.
pub async fn policy_uses_are_counted(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let a = one.create_policy(backend, &pay, "a").await;
    let b = one.create_policy(backend, &mail, "b").await;
    let unasked = one.create_policy(backend, &mail, "unasked").await;
    let both = vec![binding(&pay, Some(&a)), binding(&mail, Some(&b))];
    one.create_grant(backend, both, hash(1)).await;
    one.create_grant(backend, vec![binding(&pay, Some(&a)), binding(&mail, Some(&unasked))], hash(2)).await;
    let gone = one.create_grant(backend, vec![binding(&mail, Some(&b))], hash(3)).await;
    written!(backend, revoke_grant(one.id(), gone.id, gone.created_at));
    let ids = [b.id, PolicyId::generate(), a.id];
    let mut uses = backend.store.list_policy_uses(one.id(), &ids).await.expect("uses");
    uses.sort_by_key(|used| used.bound_grants);
    let found: Vec<_> = uses.iter().map(|used| (used.id, used.server_slug.as_str(), used.bound_grants)).collect();
    assert_eq!(found, [(b.id, "mail", 1), (a.id, "pay", 2)]);
    assert_eq!(backend.store.list_policy_uses(one.id(), &[]).await.expect("uses"), []);
    assert_eq!(backend.store.list_policy_uses(other.id(), &ids).await.expect("uses"), []);
}

/// A stranger finds nothing.
pub async fn policy_of_another_account_is_neither_read_nor_written(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.lock_policy(other.id(), policy.id).await.expect("lock"), None);
    drop(tx);
    let store = &backend.store;
    assert_eq!(store.get_policy(other.id(), policy.id).await.expect("get"), None);
    assert_eq!(store.get_policy_version(other.id(), policy.id, 1).await.expect("get"), None);
    assert!(store.list_policies(other.id(), None, first(9)).await.expect("list").items.is_empty());
    assert!(store.list_policies(other.id(), Some(server.id), first(9)).await.expect("list").items.is_empty());
    assert!(store.list_policy_versions(other.id(), policy.id, first(9)).await.expect("list").items.is_empty());
    assert_not_found!(refused!(backend, create_policy_version(other.id(), policy.id, &other.version(2))));
    assert_not_found!(refused!(backend, rename_policy(other.id(), policy.id, &name("taken"))));
    assert_not_found!(refused!(backend, delete_policy(other.id(), policy.id)));
    assert_eq!(get(backend, &policy).await, Some(policy.clone()));
}
