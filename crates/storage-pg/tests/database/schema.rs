//! Tables that are there or not, and rows that are broken.

use ostiary_storage::{ReadAccounts as _, StorageError, Store as _};
use ostiary_storage_pg::{ConnectError, PgSettings, PgStore};
use ostiary_testkit::TestPostgres;

use crate::{account, create, open, raw};

async fn connect(database: &TestPostgres) -> Result<PgStore, ConnectError> {
    PgStore::connect(database.url(), &PgSettings::default()).await
}

#[tokio::test]
async fn database_without_tables_is_refused_until_it_is_migrated() {
    let Some(database) = TestPostgres::create_empty().await else { return };
    let error = connect(&database).await.expect_err("no tables");
    assert!(matches!(error, ConnectError::Behind { missing } if missing > 0), "{error:?}");
    assert!(error.to_string().contains("run `ostiary migrate`"), "{error}");
    let migrate = async || PgStore::migrate(database.url(), &PgSettings::default()).await;
    let (first, second) = tokio::join!(migrate(), migrate());
    first.expect("migrate");
    second.expect("migrate");
    connect(&database).await.expect("a store").ping().await.expect("ping");
}

/// A newer version migrates first; the replicas of this one go on, and may be started again.
#[tokio::test]
async fn database_of_a_newer_version_is_used_and_left_alone() {
    let Some((_, database)) = open(&PgSettings::default()).await else { return };
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (999999, 'later', true, '\\x00', 0)";
    sqlx::query(newer).execute(&raw(&database).await).await.expect("insert");
    connect(&database).await.expect("a store");
    PgStore::migrate(database.url(), &PgSettings::default()).await.expect("nothing to do");
}

#[tokio::test]
async fn database_with_another_migration_of_the_same_number_is_refused() {
    let Some((_, database)) = open(&PgSettings::default()).await else { return };
    let other = "update _sqlx_migrations set checksum = '\\x00' where version = 1";
    sqlx::query(other).execute(&raw(&database).await).await.expect("update");
    let error = connect(&database).await.expect_err("another migration");
    assert!(matches!(error, ConnectError::Altered { version: 1 }), "{error:?}");
    let error = PgStore::migrate(database.url(), &PgSettings::default()).await.expect_err("another migration");
    assert!(matches!(error, ConnectError::Altered { version: 1 }), "{error:?}");
}

#[tokio::test]
async fn broken_row_is_an_error_that_names_it_and_not_its_value() {
    let Some((store, database)) = open(&PgSettings::default()).await else { return };
    let account = account("one");
    create(&store, &account).await;
    sqlx::query("update accounts set slug = 'Not A Slug'").execute(&raw(&database).await).await.expect("update");
    let error = store.get_account(account.id).await.expect_err("a broken row");
    assert!(matches!(error, StorageError::Inconsistent { table: "accounts", column: "slug", .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("row {} of `accounts` has a broken `slug`", account.id));
}
