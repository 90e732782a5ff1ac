//! Cases of accounts.

use super::Backend;
use super::fixture::{account, at, name, slug};

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
