//! Cases of invitations.

use ostiary_model::{Email, Invitation, InvitationId, Role};

use super::Backend;
use super::fixture::{Tenant, after, at, first, hash};

fn invitation(tenant: &Tenant, local: &str) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        account_id: tenant.id(),
        email: Email::parse(&format!("{local}@example.com")).expect("an address"),
        role: Role::PolicyManager,
        is_mailed: true,
        created_by: tenant.owner.id.to_string(),
        created_at: at(0),
        expires_at: at(50),
    }
}

/// One read answers the invitation and its account, expired or not.
pub async fn invitation_created_is_found_by_hash(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut invitation = invitation(&one, "ann");
    invitation.is_mailed = false;
    written!(backend, create_invitation(&invitation, &hash(1)));
    let found = backend.store.find_invitation_by_hash(&hash(1)).await.expect("find").expect("an invitation");
    assert_eq!((found.invitation, found.account), (invitation, one.account));
    assert!(backend.store.find_invitation_by_hash(&hash(2)).await.expect("find").is_none());
}

/// Inviting again is sending a new link: the old one works no more.
pub async fn invitation_to_the_same_address_replaces_the_older(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (old, theirs, new) = (invitation(&one, "ann"), invitation(&other, "ann"), invitation(&one, "ann"));
    written!(
        backend,
        create_invitation(&old, &hash(1)),
        create_invitation(&theirs, &hash(2)),
        create_invitation(&new, &hash(3))
    );
    assert!(backend.store.find_invitation_by_hash(&hash(1)).await.expect("find").is_none());
    assert!(backend.store.find_invitation_by_hash(&hash(2)).await.expect("find").is_some());
    assert_eq!(backend.store.list_invitations(one.id(), first(9)).await.expect("list").items, [new]);
}

/// The newest first, of one account.
pub async fn invitations_are_listed_in_pages(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (a, b, theirs) = (invitation(&one, "ann"), invitation(&one, "bob"), invitation(&other, "cid"));
    written!(
        backend,
        create_invitation(&a, &hash(1)),
        create_invitation(&b, &hash(2)),
        create_invitation(&theirs, &hash(3))
    );
    let page = backend.store.list_invitations(one.id(), first(1)).await.expect("list");
    assert_eq!((page.items, page.has_more), (vec![b.clone()], true));
    let page = backend.store.list_invitations(one.id(), after(1, b.id)).await.expect("list");
    assert_eq!((page.items, page.has_more), (vec![a], false));
}

/// Accepted or withdrawn: gone, once; never another account's.
pub async fn invitation_deleted_is_gone(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let invitation = invitation(&one, "ann");
    written!(backend, create_invitation(&invitation, &hash(1)));
    assert_not_found!(refused!(backend, delete_invitation(other.id(), invitation.id)));
    written!(backend, delete_invitation(one.id(), invitation.id));
    assert!(backend.store.find_invitation_by_hash(&hash(1)).await.expect("find").is_none());
    assert_not_found!(refused!(backend, delete_invitation(one.id(), invitation.id)));
}
