//! Cases of the one read of the path of a call.

use ostiary_model::Mode;

use super::Backend;
use super::fixture::{Tenant, at, binding, hash};
use crate::GrantSnapshot;

async fn find(backend: &Backend, seed: u8) -> Option<GrantSnapshot> {
    backend.store.find_snapshot_by_token(&hash(seed)).await.expect("find")
}

/// Everything a decision needs, in the order of the bindings, and nothing of other grants.
pub async fn snapshot_holds_servers_and_newest_policies(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let policy = one.create_policy(backend, &pay, "rules").await;
    one.create_policy(backend, &pay, "other rules").await;
    written!(backend, create_policy_version(one.id(), policy.id, &one.version(2)));
    let mut shadow = binding(&pay, Some(&policy));
    shadow.mode = Mode::Shadow;
    let grant = one.create_grant(backend, vec![binding(&mail, None), shadow], hash(1)).await;
    one.create_grant(backend, vec![binding(&pay, None)], hash(2)).await;

    let found = find(backend, 1).await.expect("a snapshot");
    assert_eq!(found.grant, grant);
    assert_eq!(found.token_expires_at, None);
    assert_eq!(found.account_slug, one.account.slug);
    let [first, second] = found.servers.as_slice() else { panic!("expected two servers") };
    assert_eq!((&*first.server, first.mode), (&mail, Mode::Enforce));
    assert!(first.policy.is_none());
    assert_eq!((&*second.server, second.mode), (&pay, Mode::Shadow));
    let bound = second.policy.as_ref().expect("a policy");
    assert_eq!((bound.id, bound.version, &*bound.document), (policy.id, 2, one.version(2).document.as_str()));
}

/// It reaches nothing, but it is a grant.
pub async fn snapshot_of_a_grant_without_bindings_is_found(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    let found = find(backend, 1).await.expect("a snapshot");
    assert_eq!(found.grant, grant);
    assert!(found.servers.is_empty());
}

/// The caller has to tell a revoked grant from an unknown token.
pub async fn snapshot_of_a_revoked_grant_is_found(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    written!(backend, revoke_grant(one.id(), grant.id, at(9)));
    assert_eq!(find(backend, 1).await.expect("a snapshot").grant.revoked_at, Some(at(9)));
}

/// No hash but the whole one.
pub async fn snapshot_of_an_unknown_token_is_none(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    one.create_grant(backend, Vec::new(), hash(1)).await;
    assert!(find(backend, 2).await.is_none());
}

/// Both tokens open the same grant; an older one does not live longer by a second rotation.
pub async fn snapshot_of_a_rotated_token_says_until_when(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let grant = one.create_grant(backend, Vec::new(), hash(1)).await;
    let other = one.create_grant(backend, Vec::new(), hash(9)).await;
    written!(
        backend,
        rotate_token(one.id(), grant.id, &hash(2), "wxyz", at(10)),
        rotate_token(one.id(), grant.id, &hash(3), "6789", at(20))
    );
    for (seed, expires_at) in [(1, Some(at(10))), (2, Some(at(20))), (3, None)] {
        let found = find(backend, seed).await.expect("a snapshot");
        assert_eq!((found.grant.id, found.token_expires_at), (grant.id, expires_at));
        assert_eq!((&*found.grant.token_hint, found.grant.revision), ("6789", 3));
    }
    let found = find(backend, 9).await.expect("a snapshot");
    assert_eq!((found.grant, found.token_expires_at), (other, None));
}

/// What is deleted is out of reach at once.
pub async fn snapshot_after_its_server_is_deleted_has_no_binding(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let policy = one.create_policy(backend, &server, "rules").await;
    one.create_grant(backend, vec![binding(&server, Some(&policy))], hash(1)).await;
    written!(backend, delete_server(one.id(), server.id));
    let found = find(backend, 1).await.expect("a snapshot");
    assert!(found.grant.bindings.is_empty());
    assert!(found.servers.is_empty());
}
