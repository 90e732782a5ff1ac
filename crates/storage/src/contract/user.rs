//! Cases of users.

use ostiary_model::UserId;

use super::Backend;
use super::fixture::{at, user};

/// What is written is read, the hash included.
pub async fn user_created_is_found_by_email(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    written!(backend, create_user(&ann));
    let found = backend.store.find_user_by_email(&ann.user.email).await.expect("find").expect("a user");
    assert_eq!(found.user, ann.user);
    assert_eq!(found.password_hash, ann.password_hash);
    assert!(backend.store.find_user_by_email(&bob.user.email).await.expect("find").is_none());
}

/// Addresses are unique in the installation.
pub async fn user_with_a_taken_email_is_a_conflict(backend: &Backend) {
    written!(backend, create_user(&user("ann")));
    assert_conflict!(refused!(backend, create_user(&user("ann"))), "users_email_key");
}

/// The hash is replaced, of that user only.
pub async fn password_hash_updated_is_the_new_one(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    written!(backend, create_user(&ann), create_user(&bob), update_password_hash(ann.user.id, "$argon2id$two"));
    for (stored, expected) in [(&ann, "$argon2id$two"), (&bob, "$argon2id$one")] {
        let found = backend.store.find_user_by_email(&stored.user.email).await.expect("find").expect("a user");
        assert_eq!(found.password_hash, expected);
    }
    assert_not_found!(refused!(backend, update_password_hash(UserId::generate(), "$argon2id$two")));
}

/// The same user by id.
pub async fn user_created_is_found_by_id(backend: &Backend) {
    let ann = user("ann");
    written!(backend, create_user(&ann));
    let found = backend.store.get_user(ann.user.id).await.expect("get").expect("a user");
    assert_eq!((found.user, found.password_hash), (ann.user, ann.password_hash));
    assert!(backend.store.get_user(UserId::generate()).await.expect("get").is_none());
}

/// The time is kept, of that user only.
pub async fn email_verified_says_when(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    written!(backend, create_user(&ann), create_user(&bob), verify_email(ann.user.id, at(4)));
    for (stored, expected) in [(&ann, Some(at(4))), (&bob, None)] {
        let found = backend.store.get_user(stored.user.id).await.expect("get").expect("a user");
        assert_eq!(found.user.email_verified_at, expected);
    }
    assert_not_found!(refused!(backend, verify_email(UserId::generate(), at(4))));
}
