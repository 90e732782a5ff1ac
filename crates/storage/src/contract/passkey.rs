//! Cases of passkeys.

use ostiary_model::{Label, PasskeyId, UserId};

use super::Backend;
use super::fixture::{at, user};
use crate::{Ceremony, StoredPasskey, Unrecorded};

fn passkey(user_id: UserId, credential: u8) -> StoredPasskey {
    StoredPasskey {
        id: PasskeyId::generate(),
        user_id,
        name: Label::parse("Laptop").expect("a label"),
        credential_id: vec![credential; 16],
        credential: "{}".to_owned(),
        created_at: at(1),
        last_used_at: None,
    }
}

async fn take(backend: &Backend, user_id: UserId, id: PasskeyId, seconds: i64) -> Option<String> {
    let mut tx = backend.store.begin().await.expect("begin");
    let state = tx.take_ceremony(user_id, id, at(seconds)).await.expect("take");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    state
}

/// Nobody uses or removes another's, and none is anybody's twice.
pub async fn passkeys_are_used_and_removed_by_their_user_only(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    let (one, two, theirs) = (passkey(id, 1), passkey(id, 2), passkey(other, 3));
    written!(
        backend,
        create_user(&ann),
        create_user(&bob),
        create_passkey(&one),
        create_passkey(&two),
        create_passkey(&theirs)
    );
    assert_eq!(backend.store.list_passkeys(id).await.expect("list"), [one.clone(), two.clone()]);
    assert_conflict!(refused!(backend, create_passkey(&passkey(other, 1))), "passkeys_credential_id_key");
    assert_not_found!(refused!(backend, create_passkey(&passkey(UserId::generate(), 4))));
    assert_not_found!(refused!(backend, use_passkey(other, one.id, "{}", at(5))));
    assert_not_found!(refused!(backend, delete_passkey(other, one.id)));
    written!(backend, use_passkey(id, one.id, "{\"counter\":2}", at(5)), delete_passkey(id, two.id));
    let used = StoredPasskey { credential: "{\"counter\":2}".to_owned(), last_used_at: Some(at(5)), ..one };
    assert_eq!(backend.store.list_passkeys(id).await.expect("list"), [used]);
    written!(backend, delete_second_factors(id));
    assert_eq!(backend.store.list_passkeys(id).await.expect("list"), []);
    assert_eq!(backend.store.list_passkeys(other).await.expect("list"), [theirs]);
}

/// What was asked is answered once, by whom it was asked, and in time.
pub async fn ceremony_is_taken_once_by_its_user_in_time(backend: &Backend) {
    let (ann, bob) = (user("ann"), user("bob"));
    let (id, other) = (ann.user.id, bob.user.id);
    let ceremony =
        || Ceremony { id: PasskeyId::generate(), user_id: id, state: "asked".to_owned(), expires_at: at(300) };
    let (one, late) = (ceremony(), ceremony());
    written!(backend, create_user(&ann), create_user(&bob), begin_ceremony(&one), begin_ceremony(&late));
    assert_eq!(take(backend, other, one.id, 10).await, None);
    assert_eq!(take(backend, id, one.id, 10).await.as_deref(), Some("asked"));
    assert_eq!(take(backend, id, one.id, 10).await, None);
    assert_eq!(take(backend, id, late.id, 300).await, None);
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.sweep_expired(at(300)).await.expect("sweep"), 1);
    assert_not_found!(tx.begin_ceremony(&Ceremony { user_id: UserId::generate(), ..ceremony() }).await);
}
