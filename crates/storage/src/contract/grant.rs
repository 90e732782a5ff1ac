//! Cases of grants.

use ostiary_model::{Binding, Grant, GrantId, Label, Mode, PolicyId, ServerId};

use super::Backend;
use super::fixture::{Tenant, after, at, binding, first, hash};

async fn get(backend: &Backend, grant: &Grant) -> Grant {
    backend.store.get_grant(grant.account_id, grant.id).await.expect("get").expect("a grant")
}

/// What is written is read; bindings stand as they were given.
pub async fn grant_created_is_found_with_its_bindings_in_order(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let policy = one.create_policy(backend, &pay, "rules").await;
    let mut shadow = binding(&mail, None);
    shadow.mode = Mode::Shadow;
    let there = one.create_grant(backend, vec![shadow, binding(&pay, Some(&policy))], hash(1)).await;
    let back = one.create_grant(backend, vec![binding(&pay, Some(&policy)), shadow], hash(2)).await;
    let empty = one.create_grant(backend, Vec::new(), hash(3)).await;
    for grant in [there, back, empty] {
        assert_eq!(get(backend, &grant).await, grant);
    }
    assert_eq!(backend.store.get_grant(one.id(), GrantId::generate()).await.expect("get"), None);
}

fn strange_bindings(server: &ServerId, of_another_server: PolicyId, strange: &Binding) -> [Binding; 5] {
    let mode = Mode::Enforce;
    [
        Binding { server_id: ServerId::generate(), policy_id: None, mode },
        Binding { server_id: *server, policy_id: Some(PolicyId::generate()), mode },
        Binding { server_id: *server, policy_id: Some(of_another_server), mode },
        Binding { server_id: *server, policy_id: strange.policy_id, mode },
        *strange,
    ]
}

/// Bindings stay within the account, and policies on their server.
pub async fn grant_with_a_strange_binding_is_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let mail_policy = one.create_policy(backend, &mail, "rules").await;
    let strange = other.create_server(backend, "pay").await;
    let strange_policy = other.create_policy(backend, &strange, "rules").await;
    for bad in strange_bindings(&pay.id, mail_policy.id, &binding(&strange, Some(&strange_policy))) {
        assert_not_found!(refused!(backend, create_grant(&one.grant(vec![bad]), &hash(1))));
    }
    assert!(backend.store.list_grants(one.id(), first(9)).await.expect("list").items.is_empty());
}

/// A token is one grant's, over all accounts.
pub async fn grant_with_a_taken_token_is_a_conflict(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    let constraint = refused!(backend, create_grant(&other.grant(Vec::new()), &hash(1)));
    assert_conflict!(constraint, "grant_tokens_token_hash_key");
    let constraint = refused!(backend, rotate_token(one.id(), grant.id, &hash(1), "wxyz", at(9)));
    assert_conflict!(constraint, "grant_tokens_token_hash_key");
}

/// Pages join without gap or repetition; revoked grants are in them.
pub async fn grants_are_listed_in_pages_the_newest_first(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let a = one.create_grant(backend, vec![binding(&server, None)], hash(1)).await;
    let b = one.create_grant(backend, Vec::new(), hash(2)).await;
    let c = one.create_grant(backend, Vec::new(), hash(3)).await;
    other.create_grant(backend, Vec::new(), hash(4)).await;
    written!(backend, revoke_grant(one.id(), c.id, at(9)));
    let page = backend.store.list_grants(one.id(), first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[get(backend, &c).await, b.clone()][..], true));
    let page = backend.store.list_grants(one.id(), after(2, b.id)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[a][..], false));
}

/// Label, expiry and metadata change.
pub async fn grant_updated_has_the_next_revision(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut grant = one.create_grant(backend, vec![binding(&server, None)], hash(1)).await;
    grant.label = Label::parse("another agent").expect("a label");
    grant.expires_at = None;
    grant.metadata = serde_json::json!({});
    written!(backend, update_grant(&grant));
    grant.revision = 2;
    assert_eq!(get(backend, &grant).await, grant);
}

/// Whoever saw an older grant changes nothing.
pub async fn grant_updated_from_an_old_revision_is_stale(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    written!(backend, update_grant(&grant));
    grant.expires_at = None;
    assert_stale!(refused!(backend, update_grant(&grant)));
    assert_eq!(get(backend, &grant).await.expires_at, Some(at(1000)));
    grant.id = GrantId::generate();
    assert_not_found!(refused!(backend, update_grant(&grant)));
}

/// A new one comes last; a changed one stays where it is.
pub async fn binding_put_is_added_or_replaced_in_place(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let policy = one.create_policy(backend, &pay, "rules").await;
    let grant = one.create_grant(backend, vec![binding(&pay, None)], hash(1)).await;
    let mut changed = binding(&pay, Some(&policy));
    changed.mode = Mode::Shadow;
    written!(
        backend,
        put_binding(one.id(), grant.id, &binding(&mail, None)),
        put_binding(one.id(), grant.id, &changed)
    );
    let found = get(backend, &grant).await;
    assert_eq!((found.bindings.as_slice(), found.revision), (&[changed, binding(&mail, None)][..], 3));
}

/// The same rules as when a grant is minted.
pub async fn binding_to_what_is_strange_is_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let mail_policy = one.create_policy(backend, &mail, "rules").await;
    let strange = other.create_server(backend, "pay").await;
    let strange_policy = other.create_policy(backend, &strange, "rules").await;
    let grant = one.create_grant(backend, vec![binding(&pay, None)], hash(1)).await;
    for bad in strange_bindings(&pay.id, mail_policy.id, &binding(&strange, Some(&strange_policy))) {
        assert_not_found!(refused!(backend, put_binding(one.id(), grant.id, &bad)));
    }
    assert_not_found!(refused!(backend, put_binding(one.id(), GrantId::generate(), &binding(&pay, None))));
    assert_eq!(get(backend, &grant).await, grant);
}

/// The others stay.
pub async fn binding_deleted_is_gone(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let grant = one.create_grant(backend, vec![binding(&pay, None), binding(&mail, None)], hash(1)).await;
    written!(backend, delete_binding(one.id(), grant.id, pay.id));
    let found = get(backend, &grant).await;
    assert_eq!((found.bindings.as_slice(), found.revision), (&[binding(&mail, None)][..], 2));
    assert_not_found!(refused!(backend, delete_binding(one.id(), grant.id, pay.id)));
}

/// When it was revoked does not move.
pub async fn grant_revoked_twice_keeps_the_first_time(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    written!(backend, revoke_grant(one.id(), grant.id, at(9)), revoke_grant(one.id(), grant.id, at(10)));
    grant.revoked_at = Some(at(9));
    grant.revision = 2;
    assert_eq!(get(backend, &grant).await, grant);
    assert_not_found!(refused!(backend, revoke_grant(one.id(), GrantId::generate(), at(9))));
}

/// Notes may come in any order, for grants that are gone too; no page becomes stale by them.
pub async fn grants_touched_keep_the_latest_time(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mut grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    let used = [
        (one.id(), grant.id, at(9)),
        (one.id(), grant.id, at(8)),
        (one.id(), GrantId::generate(), at(9)),
        (other.id(), grant.id, at(99)),
    ];
    written!(backend, touch_grants(&used));
    grant.last_used_at = Some(at(9));
    assert_eq!(get(backend, &grant).await, grant);
}

/// A stranger finds nothing.
pub async fn grant_of_another_account_is_neither_read_nor_written(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (pay, strange) = (one.create_server(backend, "pay").await, other.create_server(backend, "pay").await);
    let grant = one.create_grant(backend, vec![binding(&pay, None)], hash(1)).await;
    assert_eq!(backend.store.get_grant(other.id(), grant.id).await.expect("get"), None);
    assert!(backend.store.list_grants(other.id(), first(9)).await.expect("list").items.is_empty());
    let mut taken = grant.clone();
    taken.account_id = other.id();
    taken.metadata = serde_json::json!({});
    assert_not_found!(refused!(backend, update_grant(&taken)));
    assert_not_found!(refused!(backend, put_binding(other.id(), grant.id, &binding(&strange, None))));
    assert_not_found!(refused!(backend, delete_binding(other.id(), grant.id, pay.id)));
    assert_not_found!(refused!(backend, rotate_token(other.id(), grant.id, &hash(2), "wxyz", at(9))));
    assert_not_found!(refused!(backend, revoke_grant(other.id(), grant.id, at(9))));
    assert_eq!(get(backend, &grant).await, grant);
}
