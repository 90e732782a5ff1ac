//! A server that is away, busy, frozen or shared.

use std::time::{Duration, Instant};

use ostiary_model::Name;
use ostiary_storage::{DecisionLog as _, LogBatch, ReadAccounts as _, StorageError, Store as _, Unrecorded};
use ostiary_storage_pg::{ConnectError, HoldKind, Holder, PgSettings, PgStore};
use ostiary_testkit::{TestAuthority, TestPostgres};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::{account, create, open, raw};

/// Settings under which a test need not wait for long.
fn hasty() -> PgSettings {
    PgSettings {
        connections: 2,
        acquire_timeout: Duration::from_millis(500),
        statement_timeout: Duration::from_millis(300),
        lock_timeout: Duration::from_millis(100),
        ..PgSettings::default()
    }
}

#[tokio::test]
async fn server_that_is_not_there_is_unavailable() {
    let error = PgStore::connect("postgres://u:secret@127.0.0.1:1/d", &hasty()).await.expect_err("no server");
    assert!(matches!(error, ConnectError::Storage(StorageError::Unavailable(_))), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn row_that_another_holds_is_unavailable_and_then_free() {
    let Some((store, _database)) = open(&hasty()).await else { return };
    let mut account = account("one");
    create(&store, &account).await;
    account.name = Name::parse("Two").expect("a name");
    let mut first = store.begin().await.expect("begin");
    first.update_account(&account).await.expect("update");
    let mut second = store.begin().await.expect("begin");
    let error = second.update_account(&account).await.expect_err("a lock");
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
    drop((first, second));
    let mut third = store.begin().await.expect("begin");
    third.update_account(&account).await.expect("update");
    third.commit(Unrecorded::Fixture.into()).await.expect("commit");
}

/// People's transactions may be as many as they like: the log has connections of its own.
#[tokio::test]
async fn full_pool_is_unavailable_and_does_not_hold_up_the_log() {
    let Some((store, _database)) = open(&hasty()).await else { return };
    let held = [store.begin().await.expect("begin"), store.begin().await.expect("begin")];
    assert!(matches!(store.begin().await, Err(StorageError::Unavailable(_))));
    store.commit(&LogBatch::default()).await.expect("commit");
    drop(held);
    store.ping().await.expect("ping");
}

#[tokio::test]
async fn store_whose_connections_were_cut_goes_on_with_new_ones() {
    let Some((store, database)) = open(&hasty()).await else { return };
    create(&store, &account("one")).await;
    let mut tx = store.begin().await.expect("begin");
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&raw(&database).await).await.expect("cut");
    let error = tx.create_account(&account("other")).await.expect_err("no connection");
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
    drop(tx);
    create(&store, &account("third")).await;
}

/// A way to the server that can be frozen: connections stay open, and nothing comes through.
async fn freezer(server: &url::Url) -> (url::Url, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut url = server.clone();
    url.set_port(Some(listener.local_addr().expect("an address").port())).expect("a port");
    let target = (server.host_str().expect("a host").to_owned(), server.port().unwrap_or(5432));
    let (sender, frozen) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (target, mut frozen) = (target.clone(), frozen.clone());
            tokio::spawn(async move {
                let mut server = TcpStream::connect(target).await.expect("the server");
                loop {
                    drop(frozen.wait_for(|frozen| !frozen).await);
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => return,
                        _ = frozen.wait_for(|frozen| *frozen) => {}
                    }
                }
            });
        }
    });
    (url, sender)
}

#[tokio::test]
async fn server_that_is_frozen_is_unavailable_in_time_and_then_there_again() {
    let Some((_, database)) = open(&PgSettings::default()).await else { return };
    let (url, freeze) = freezer(&database.url().parse().expect("a URL")).await;
    let store = PgStore::connect(url.as_str(), &hasty()).await.expect("a store");
    let account = account("one");
    create(&store, &account).await;
    let tx = store.begin().await.expect("begin");

    freeze.send_replace(true);
    let began = Instant::now();
    assert!(matches!(tx.commit(Unrecorded::Fixture.into()).await, Err(StorageError::Unavailable(_))));
    assert!(matches!(store.get_account(account.id).await, Err(StorageError::Unavailable(_))));
    assert!(matches!(store.commit(&LogBatch::default()).await, Err(StorageError::Unavailable(_))));
    assert!(matches!(store.ping().await, Err(StorageError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());

    freeze.send_replace(false);
    let deadline = Instant::now() + Duration::from_secs(20);
    while store.get_account(account.id).await.is_err() || store.commit(&LogBatch::default()).await.is_err() {
        assert!(Instant::now() < deadline, "the store does not recover");
    }
}

#[tokio::test]
async fn hold_is_of_one_alone_or_of_many_together() {
    let Some((store, database)) = open(&PgSettings::default()).await else { return };
    let hold = async |kind| store.hold(kind).await.expect("an answer");
    let first = hold(HoldKind::Sole).await.expect("the hold");
    for kind in [HoldKind::Sole, HoldKind::Shared] {
        assert_eq!(hold(kind).await.expect_err("taken"), Holder::Sole);
    }
    // As when the process is killed.
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&raw(&database).await).await.expect("cut");
    tokio::time::timeout(Duration::from_secs(10), first.lost()).await.expect("it is told");
    let together = (hold(HoldKind::Shared).await.expect("the hold"), hold(HoldKind::Shared).await.expect("the hold"));
    assert_eq!(hold(HoldKind::Sole).await.expect_err("taken"), Holder::Shared);
    drop(together);
    let deadline = Instant::now() + Duration::from_secs(10);
    while hold(HoldKind::Sole).await.is_err() {
        assert!(Instant::now() < deadline, "the hold is not let go");
    }
}

#[tokio::test]
async fn store_that_was_closed_is_unavailable_and_prints_no_password() {
    let Some((store, _database)) = open(&PgSettings::default()).await else { return };
    store.ping().await.expect("ping");
    assert_eq!(format!("{store:?}"), "PgStore { .. }");
    store.close().await;
    assert!(matches!(store.ping().await, Err(StorageError::Unavailable(_))));
    assert!(matches!(store.begin().await, Err(StorageError::Unavailable(_))));
}

#[tokio::test]
async fn server_is_believed_when_the_given_authority_vouches_for_it() {
    let authority = TestAuthority::new();
    let Some(database) = TestPostgres::guarded(&authority).await else { return };
    let store = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
    let is_tls: bool = sqlx::query_scalar("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        .fetch_one(&raw(&database).await)
        .await
        .expect("an answer");
    assert!(is_tls);
    store.ping().await.expect("ping");
    let other = TestAuthority::new();
    let root = |authority: &TestAuthority| authority.root().display().to_string().replace('/', "%2F");
    for (from, to) in [(root(&authority), root(&other)), ("@localhost".to_owned(), "@127.0.0.2".to_owned())] {
        let url = database.url().replace(&from, &to);
        assert_ne!(url, database.url());
        assert!(PgStore::connect(&url, &PgSettings::default()).await.is_err(), "{to}");
    }
}
