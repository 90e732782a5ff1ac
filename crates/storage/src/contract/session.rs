//! Cases of sessions.

use ostiary_model::{Role, Session, SessionId, SignInMethod, UserId};

use super::Backend;
use super::fixture::{Tenant, after, at, first};
use crate::Unrecorded;

fn session(tenant: &Tenant) -> Session {
    Session {
        id: SessionId::generate(),
        user_id: tenant.owner.id,
        account_id: tenant.id(),
        created_at: at(0),
        expires_at: at(100),
        last_used_at: at(0),
        user_agent: Some("Browser/1.0".to_owned()),
        address: Some("2001:db8::1".to_owned()),
        method: SignInMethod::Provider,
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

/// All of a user, in whichever account, and of nobody else.
pub async fn sessions_of_a_user_are_listed_in_pages(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    written!(backend, create_member(other.id(), one.owner.id, Role::Viewer, at(0)));
    let (first_one, mut second, theirs) = (session(&one), session(&one), session(&other));
    second.account_id = other.id();
    let mut over = session(&one);
    over.expires_at = at(5);
    written!(
        backend,
        create_session(&first_one),
        create_session(&second),
        create_session(&theirs),
        create_session(&over)
    );
    let page = backend.store.list_sessions(one.owner.id, at(5), first(1)).await.expect("list");
    assert_eq!((page.items, page.has_more), (vec![second.clone()], true));
    let page = backend.store.list_sessions(one.owner.id, at(5), after(1, second.id)).await.expect("list");
    assert_eq!((page.items, page.has_more), (vec![first_one], false));
}

/// A person ends their own sessions only; all of them but the one they look from.
pub async fn sessions_of_a_user_are_ended(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (kept, ended, third, theirs) = (session(&one), session(&one), session(&one), session(&other));
    for session in [&kept, &ended, &third, &theirs] {
        written!(backend, create_session(session));
    }
    assert_not_found!(refused!(backend, end_session_of(one.owner.id, theirs.id)));
    written!(backend, end_session_of(one.owner.id, ended.id));
    assert_not_found!(refused!(backend, end_session_of(one.owner.id, ended.id)));
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.end_sessions_of(one.owner.id, Some(kept.id)).await.expect("end"), 1);
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    let left = backend.store.list_sessions(one.owner.id, at(0), first(10)).await.expect("list").items;
    assert_eq!(left, [kept]);
    written!(backend, end_sessions_of(one.owner.id, None));
    assert!(backend.store.list_sessions(one.owner.id, at(0), first(10)).await.expect("list").items.is_empty());
    assert!(backend.store.find_session(theirs.id, at(0)).await.expect("find").is_some());
}

/// A person looks at their accounts only.
pub async fn session_is_moved_between_accounts_of_its_user(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let session = session(&one);
    written!(backend, create_session(&session));
    assert_not_found!(refused!(backend, move_session(session.id, other.id())));
    written!(
        backend,
        create_member(other.id(), one.owner.id, Role::Viewer, at(0)),
        move_session(session.id, other.id())
    );
    let found = backend.store.find_session(session.id, at(1)).await.expect("find").expect("a session");
    assert_eq!((found.account.id, found.member.role), (other.id(), Role::Viewer));
    assert_not_found!(refused!(backend, move_session(SessionId::generate(), one.id())));
}

/// Two replicas may note uses in any order; one that has ended is not begun again.
pub async fn session_touched_keeps_the_latest_time(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let session = session(&one);
    written!(backend, create_session(&session), touch_session(session.id, at(9)), touch_session(session.id, at(7)));
    let found = backend.store.find_session(session.id, at(10)).await.expect("find").expect("a session");
    assert_eq!(found.session.last_used_at, at(9));
    written!(backend, touch_session(SessionId::generate(), at(1)));
}

/// What has expired is removed, and nothing else.
pub async fn sessions_that_expired_are_swept(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (mut over, live) = (session(&one), session(&one));
    over.expires_at = at(50);
    written!(backend, create_session(&over), create_session(&live));
    let mut tx = backend.store.begin().await.expect("begin");
    assert_eq!(tx.sweep_expired(at(50)).await.expect("sweep"), 1);
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    let left = backend.store.list_sessions(one.owner.id, at(0), first(10)).await.expect("list").items;
    assert_eq!(left, [live]);
    assert!(backend.store.list_sessions(UserId::generate(), at(0), first(10)).await.expect("list").items.is_empty());
}
