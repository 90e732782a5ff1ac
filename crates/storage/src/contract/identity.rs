//! Cases of identities.

use ostiary_model::{Identity, IdentityId, UserId};

use super::Backend;
use super::fixture::{at, user};

fn identity(user_id: UserId, issuer: &str, subject: &str) -> Identity {
    Identity {
        id: IdentityId::generate(),
        user_id,
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        email: None,
        created_at: at(1),
        last_used_at: at(1),
    }
}

/// What a provider says is one person, whatever another provider says.
pub async fn identity_is_of_one_user_at_one_provider(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    let (one, theirs) = (identity(id, "https://a.example", "7"), identity(other, "https://b.example", "7"));
    written!(backend, create_user(&ann), create_user(&bob), create_identity(&one), create_identity(&theirs));
    let taken = identity(other, "https://a.example", "7");
    assert_conflict!(refused!(backend, create_identity(&taken)), "identities_issuer_subject_key");
    assert_not_found!(refused!(backend, create_identity(&identity(UserId::generate(), "https://a.example", "8"))));
    let find = |issuer: &'static str, subject: &'static str| backend.store.find_identity(issuer, subject);
    assert_eq!(find("https://a.example", "7").await.expect("find"), Some(one.clone()));
    assert_eq!(find("https://b.example", "7").await.expect("find"), Some(theirs));
    assert_eq!(find("https://a.example", "8").await.expect("find"), None);

    written!(backend, use_identity(one.id, at(9)));
    let used = Identity { last_used_at: at(9), ..one };
    assert_eq!(backend.store.list_identities(id).await.expect("list"), [used]);
    assert_not_found!(refused!(backend, delete_identity(other, one.id)));
    written!(backend, delete_identity(id, one.id));
    assert_eq!(backend.store.list_identities(id).await.expect("list"), []);
    assert_not_found!(refused!(backend, use_identity(one.id, at(10))));
}
