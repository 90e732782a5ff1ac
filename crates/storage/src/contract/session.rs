//! Cases of sessions.

use ostiary_model::{Session, SessionId};

use super::Backend;
use super::fixture::{Tenant, at};

fn session(tenant: &Tenant) -> Session {
    Session {
        id: SessionId::generate(),
        user_id: tenant.owner.id,
        account_id: tenant.id(),
        created_at: at(0),
        expires_at: at(100),
    }
}

/// One read answers who it is and what they may do.
pub async fn session_created_is_found_with_member_and_account(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let session = session(&one);
    written!(backend, create_session(&session));
    let found = backend.store.find_session(session.id, at(1)).await.expect("find").expect("a session");
    assert_eq!(found.session, session);
    assert_eq!(Some(found.member), backend.store.get_member(one.id(), one.owner.id).await.expect("get"));
    assert_eq!(found.account, one.account);
    assert!(backend.store.find_session(SessionId::generate(), at(1)).await.expect("find").is_none());
}

/// At the very moment it is gone.
pub async fn session_is_gone_when_it_expires(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let session = session(&one);
    written!(backend, create_session(&session));
    assert!(backend.store.find_session(session.id, at(99)).await.expect("find").is_some());
    assert!(backend.store.find_session(session.id, at(100)).await.expect("find").is_none());
}

/// Signing out twice is signing out.
pub async fn session_ended_is_gone_and_may_be_ended_again(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (ended, kept) = (session(&one), session(&one));
    written!(backend, create_session(&ended), create_session(&kept), end_session(ended.id), end_session(ended.id));
    assert!(backend.store.find_session(ended.id, at(1)).await.expect("find").is_none());
    assert!(backend.store.find_session(kept.id, at(1)).await.expect("find").is_some());
}

/// Nobody looks at an account without being its member.
pub async fn session_of_no_member_is_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mut session = session(&one);
    session.account_id = other.id();
    assert_not_found!(refused!(backend, create_session(&session)));
}
