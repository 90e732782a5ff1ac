//! What is special about a file: it is opened again, it is broken, it is not ours.

use std::path::Path;

use chrono::{DateTime, Utc};
use ostiary_model::{Account, AccountId, Name, Slug};
use ostiary_storage::contract::Backend;
use ostiary_storage::contract::fixture::{Tenant, at, first, record};
use ostiary_storage::{DecisionFilter, ReadAccounts as _, ReadDecisions as _, StorageError, Store as _, Unrecorded};
use ostiary_storage_sqlite::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

fn account(slug: &str) -> Account {
    let at = DateTime::<Utc>::from_timestamp_millis(1_772_000_000_123).expect("a time");
    Account {
        id: AccountId::generate(),
        slug: Slug::parse(slug).expect("a slug"),
        name: Name::parse("One").expect("a name"),
        created_at: at,
        updated_at: at,
        delete_at: None,
        plan: ostiary_model::PlanName::standard(),
    }
}

async fn create(store: &SqliteStore, account: &Account) {
    let mut tx = store.begin().await.expect("begin");
    tx.create_account(account).await.expect("create");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
}

/// The file as another program would open it.
async fn raw(path: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.expect("the file")
}

#[tokio::test]
async fn file_opened_again_without_being_closed_holds_what_was_committed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ostiary.db");
    let (committed, open) = (account("one"), account("other"));
    let first = SqliteStore::open(&path).await.expect("a store");
    create(&first, &committed).await;
    let mut tx = first.begin().await.expect("begin");
    tx.create_account(&open).await.expect("create");
    // As after a kill: the first store is still there, with a transaction that nobody will finish.
    let second = raw(&path).await;
    let slugs: Vec<(String,)> = sqlx::query_as("select slug from accounts").fetch_all(&second).await.expect("rows");
    assert_eq!(slugs, [("one".to_owned(),)]);
    drop(tx);
    first.close().await;
    let third = SqliteStore::open(&path).await.expect("a store");
    assert_eq!(third.get_account(committed.id).await.expect("get"), Some(committed));
    assert_eq!(third.get_account(open.id).await.expect("get"), None);
}

#[tokio::test]
async fn broken_row_is_an_error_that_names_it_and_not_its_value() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ostiary.db");
    let store = SqliteStore::open(&path).await.expect("a store");
    let account = account("one");
    create(&store, &account).await;
    sqlx::query("update accounts set slug = 'Not A Slug'").execute(&raw(&path).await).await.expect("update");
    let error = store.get_account(account.id).await.expect_err("a broken row");
    assert!(matches!(error, StorageError::Inconsistent { table: "accounts", column: "slug", .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("row {} of `accounts` has a broken `slug`", account.id));
}

#[tokio::test]
async fn file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ostiary.db");
    std::fs::write(&path, "this is not a database, and is long enough to show it\n".repeat(40)).expect("a file");
    assert!(matches!(SqliteStore::open(&path).await, Err(StorageError::Other(_))));
}

#[tokio::test]
async fn file_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ostiary.db");
    SqliteStore::open(&path).await.expect("a store").close().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (999999, 'later', true, x'00', 0)";
    sqlx::query(newer).execute(&raw(&path).await).await.expect("insert");
    assert!(matches!(SqliteStore::open(&path).await, Err(StorageError::Other(_))));
}

#[tokio::test]
async fn file_in_a_directory_that_is_not_there_is_unavailable() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("nowhere").join("ostiary.db");
    assert!(matches!(SqliteStore::open(&path).await, Err(StorageError::Unavailable(_))));
}

#[tokio::test]
async fn store_that_was_closed_is_unavailable() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
    store.ping().await.expect("ping");
    store.close().await;
    assert!(matches!(store.ping().await, Err(StorageError::Unavailable(_))));
    assert!(matches!(store.begin().await, Err(StorageError::Unavailable(_))));
}

#[tokio::test]
async fn decisions_past_their_retention_are_removed_a_few_at_a_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
    let backend = Backend::new(store.clone(), ());
    let one = Tenant::create(&backend, "one").await;
    let old: Vec<_> = (0..1_200).map(|second| one.decision(at(second))).collect();
    let kept = one.decision(at(5_000));
    record(&backend, old).await;
    record(&backend, vec![kept.clone()]).await;
    let mut removed = Vec::new();
    loop {
        match store.remove_decisions_before(at(5_000)).await.expect("removed") {
            0 => break,
            some => removed.push(some),
        }
    }
    assert_eq!(removed, [500, 500, 200]);
    let page = store.list_decisions(one.id(), &DecisionFilter::default(), first(9)).await.expect("list");
    assert_eq!(page.items, [kept]);
}
