//! Cases of links.

use ostiary_model::{LinkPurpose, UserId};

use super::Backend;
use super::fixture::{at, hash, user};
use crate::Unrecorded;

async fn take(backend: &Backend, purpose: LinkPurpose, seed: u8, seconds: i64) -> Option<UserId> {
    let mut tx = backend.store.begin().await.expect("begin");
    let taken = tx.take_link(purpose, &hash(seed), at(seconds)).await.expect("take");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    taken
}

/// Once, for its purpose, in its time.
pub async fn link_created_is_taken_once(backend: &Backend) {
    let ann = user("ann");
    let purpose = LinkPurpose::ResetPassword;
    written!(backend, create_user(&ann), create_link(ann.user.id, purpose, &hash(1), at(50)));
    assert_eq!(take(backend, LinkPurpose::VerifyEmail, 1, 1).await, None);
    assert_eq!(take(backend, purpose, 2, 1).await, None);
    assert_eq!(take(backend, purpose, 1, 50).await, None);
    assert_eq!(take(backend, purpose, 1, 49).await, Some(ann.user.id));
    assert_eq!(take(backend, purpose, 1, 49).await, None);
}

/// The newest of a user and purpose works, and no older one.
pub async fn link_created_replaces_the_older_of_its_purpose(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (reset, verify) = (LinkPurpose::ResetPassword, LinkPurpose::VerifyEmail);
    written!(
        backend,
        create_user(&ann),
        create_user(&bob),
        create_link(ann.user.id, reset, &hash(1), at(50)),
        create_link(ann.user.id, verify, &hash(2), at(50)),
        create_link(bob.user.id, reset, &hash(3), at(50)),
        create_link(ann.user.id, reset, &hash(4), at(60))
    );
    assert_eq!(take(backend, reset, 1, 1).await, None);
    assert_eq!(take(backend, verify, 2, 1).await, Some(ann.user.id));
    assert_eq!(take(backend, reset, 3, 1).await, Some(bob.user.id));
    assert_eq!(take(backend, reset, 4, 59).await, Some(ann.user.id));
    assert_not_found!(refused!(backend, create_link(UserId::generate(), reset, &hash(5), at(50))));
}
