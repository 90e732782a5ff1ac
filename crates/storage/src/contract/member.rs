//! Cases of members.

use ostiary_model::{AccountId, Member, Role, UserId};

use super::Backend;
use super::fixture::{Tenant, after, at, first};
use crate::Unrecorded;

/// A member of one account is none of another.
pub async fn member_created_is_found_in_its_account_only(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_member(one.id(), other.owner.id, Role::PolicyManager, at(7)));
    let expected =
        Member { account_id: one.id(), user: other.owner.clone(), role: Role::PolicyManager, created_at: at(7) };
    assert_eq!(backend.store.get_member(one.id(), other.owner.id).await.expect("get"), Some(expected));
    assert_eq!(backend.store.get_member(other.id(), one.owner.id).await.expect("get"), None);
}

/// One membership a user and account.
pub async fn member_created_twice_is_a_conflict(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    assert_conflict!(
        refused!(backend, create_member(one.id(), one.owner.id, Role::Viewer, at(0))),
        "members_account_id_user_id_key"
    );
}

/// Both ends must be there.
pub async fn member_without_user_or_account_is_not_found(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    assert_not_found!(refused!(backend, create_member(one.id(), UserId::generate(), Role::Viewer, at(0))));
    assert_not_found!(refused!(backend, create_member(AccountId::generate(), one.owner.id, Role::Viewer, at(0))));
}

/// All accounts of a user, and of no other user.
pub async fn memberships_are_listed_the_oldest_first(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_member(other.id(), one.owner.id, Role::Viewer, at(-5)));
    let list = backend.store.list_memberships(one.owner.id).await.expect("list");
    let accounts: Vec<_> = list.iter().map(|member| (member.account_id, member.role)).collect();
    assert_eq!(accounts, [(other.id(), Role::Viewer), (one.id(), Role::Owner)]);
    assert!(backend.store.list_memberships(UserId::generate()).await.expect("list").is_empty());
}

/// All of the account, and nobody else.
pub async fn members_are_listed_in_pages(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_member(one.id(), other.owner.id, Role::Viewer, at(7)));
    let page = backend.store.list_members(one.id(), first(1)).await.expect("list");
    assert_eq!((page.items.len(), page.has_more), (1, true));
    assert_eq!((page.items[0].user.id, page.items[0].role), (one.owner.id, Role::Owner));
    let page = backend.store.list_members(one.id(), after(1, one.owner.id)).await.expect("list");
    assert_eq!((page.items[0].user.id, page.has_more), (other.owner.id, false));
    assert_eq!(backend.store.list_members(other.id(), first(9)).await.expect("list").items.len(), 1);
}

/// The role changes, of that member only.
pub async fn member_updated_has_the_new_role(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(
        backend,
        create_member(one.id(), other.owner.id, Role::Viewer, at(7)),
        update_member(one.id(), other.owner.id, Role::Admin)
    );
    let mut tx = backend.store.begin().await.expect("begin");
    let mut roles = tx.lock_roles(one.id()).await.expect("lock");
    roles.sort_by_key(|(_, role)| *role != Role::Owner);
    assert_eq!(roles, [(one.owner.id, Role::Owner), (other.owner.id, Role::Admin)]);
    assert_eq!(tx.lock_roles(other.id()).await.expect("lock"), [(other.owner.id, Role::Owner)]);
    drop(tx);
    assert_not_found!(refused!(backend, update_member(other.id(), one.owner.id, Role::Admin)));
}

/// A membership ends with its sessions; the user is still there.
pub async fn member_deleted_is_gone(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(
        backend,
        create_member(one.id(), other.owner.id, Role::Viewer, at(7)),
        delete_member(one.id(), other.owner.id)
    );
    assert_eq!(backend.store.get_member(one.id(), other.owner.id).await.expect("get"), None);
    assert!(backend.store.get_member(other.id(), other.owner.id).await.expect("get").is_some());
    assert_not_found!(refused!(backend, delete_member(one.id(), other.owner.id)));
}

/// Of two that conclude from the roles, the second concludes from what the first has made of them.
pub async fn roles_locked_are_changed_by_one_at_a_time(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_member(one.id(), other.owner.id, Role::Owner, at(7)));
    let demote = async |user_id| {
        let mut tx = backend.store.begin().await.expect("begin");
        let owners = tx.lock_roles(one.id()).await.expect("lock");
        let owners = owners.iter().filter(|(_, role)| *role == Role::Owner).count();
        if owners > 1 {
            tx.update_member(one.id(), user_id, Role::Admin).await.expect("update");
        }
        tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
        owners
    };
    let (a, b) = futures_util::future::join(demote(one.owner.id), demote(other.owner.id)).await;
    assert_eq!(a + b, 3);
}
