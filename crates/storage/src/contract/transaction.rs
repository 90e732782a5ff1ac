//! Cases of transactions.

use std::time::Duration;

use futures_util::future::{Either, join, select};

use super::Backend;
use super::fixture::{Tenant, account, at, name, record};
use crate::{StorageError, Unrecorded};

/// All of its writes, and nothing of it remains in the way.
pub async fn transaction_dropped_is_undone(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.server("pay");
    let mut tx = backend.store.begin().await.expect("begin");
    tx.create_server(&server).await.expect("create");
    tx.create_policy(&one.policy(&server, "rules")).await.expect("create");
    drop(tx);
    assert_eq!(backend.store.get_server(one.id(), server.id).await.expect("get"), None);
    written!(backend, create_server(&server));
    assert_eq!(backend.store.get_server(one.id(), server.id).await.expect("get"), Some(server));
}

/// Readers are not held up, and see what was before.
pub async fn transaction_open_is_not_seen(backend: &Backend) {
    let account = account("one");
    let mut tx = backend.store.begin().await.expect("begin");
    tx.create_account(&account).await.expect("create");
    assert_eq!(backend.store.get_account(account.id).await.expect("get"), None);
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    assert_eq!(backend.store.get_account(account.id).await.expect("get"), Some(account));
}

/// Of two writers that saw the same row, the second is told.
pub async fn transaction_waits_for_the_one_before(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let (mut first_change, mut second_change) = (server.clone(), server.clone());
    first_change.name = name("First");
    second_change.name = name("Second");
    let update = async |change| {
        let mut tx = backend.store.begin().await?;
        tx.update_server(change).await?;
        tx.commit(Unrecorded::Fixture.into()).await
    };
    let results = join(update(&first_change), update(&second_change)).await;
    let won = match results {
        (Ok(()), Err(StorageError::Stale)) => first_change.name,
        (Err(StorageError::Stale), Ok(())) => second_change.name,
        other => panic!("expected one writer to win, got {other:?}"),
    };
    let found = backend.store.get_server(one.id(), server.id).await.expect("get").expect("a server");
    assert_eq!((found.name, found.revision), (won, 2));
}

/// A caller that leaves the queue does not hold it up, nor leave anything behind.
pub async fn transaction_that_waited_may_be_given_up(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut tx = backend.store.begin().await.expect("begin");
    let (waiting, moment) = (backend.store.begin(), tokio::time::sleep(Duration::from_millis(5)));
    let Either::Right(((), waiting)) = select(waiting, Box::pin(moment)).await else {
        // A backend that locks rows and not everything: nothing was waited for.
        return;
    };
    drop(waiting);
    tx.create_server(&one.server("pay")).await.expect("create");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    written!(backend, create_server(&one.server("mail")));
    record(backend, vec![one.decision(at(1))]).await;
}

/// The same moment, wherever it is asked.
pub async fn store_that_is_there_says_what_time_it_is(backend: &Backend) {
    let theirs = backend.store.clock().await.expect("clock");
    let again = backend.store.clock().await.expect("clock");
    assert!(theirs > at(0) && (again - theirs).num_seconds().abs() < 60, "{theirs} {again}");
}

/// Readiness is an answer of the backend.
pub async fn store_that_is_there_answers_ping(backend: &Backend) {
    backend.store.ping().await.expect("ping");
}
