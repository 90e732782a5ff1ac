//! Cases of members.

use ostiary_model::{AccountId, Member, Role, UserId};

use super::Backend;
use super::fixture::{Tenant, at};

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
