//! PgBouncer on the way.

use ostiary_storage::{ReadAccounts as _, Store as _};
use ostiary_storage_pg::{ConnectError, HoldKind, PgSettings, PgStore};
use ostiary_testkit::{TestPooler, TestPostgres};

use crate::{account, create};

const IGNORING: &str = "ignore_startup_parameters = options, extra_float_digits";

async fn connect(pooler: &TestPooler) -> Result<PgStore, ConnectError> {
    PgStore::connect(pooler.url(), &PgSettings::default()).await
}

#[tokio::test]
async fn pooler_that_keeps_sessions_apart_is_used() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(pooler) = TestPooler::start(&database, "session", &[IGNORING]) else { return };
    let store = connect(&pooler).await.expect("a store");
    let account = account("one");
    create(&store, &account).await;
    for _ in 0..20 {
        assert_eq!(store.get_account(account.id).await.expect("get"), Some(account.clone()));
    }
    let hold = store.hold(HoldKind::Sole).await.expect("an answer").expect("a lock");
    let other = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
    assert!(other.hold(HoldKind::Sole).await.expect("an answer").is_err(), "the lock is held by way of the pooler");
    drop(hold);
    store.ping().await.expect("ping");
}

#[tokio::test]
async fn pooler_that_shares_sessions_is_refused_with_the_reason() {
    let Some(database) = TestPostgres::create().await else { return };
    for mode in ["transaction", "statement"] {
        let Some(pooler) = TestPooler::start(&database, mode, &[IGNORING]) else { return };
        let error = connect(&pooler).await.expect_err("shared sessions");
        if mode == "transaction" {
            assert!(matches!(error, ConnectError::SharedSessions), "{error:?}");
            assert!(error.to_string().contains("pool_mode = session"), "{error}");
        }
        PgStore::migrate(pooler.url(), &PgSettings::default()).await.expect_err("shared sessions");
    }
}

#[tokio::test]
async fn pooler_that_takes_no_settings_is_refused_with_the_reason() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(pooler) = TestPooler::start(&database, "session", &[]) else { return };
    let error = connect(&pooler).await.expect_err("no settings");
    assert!(matches!(error, ConnectError::Startup(_)), "{error:?}");
    assert!(error.to_string().contains("ignore_startup_parameters"), "{error}");
}

#[tokio::test]
async fn pooler_in_front_of_a_server_that_acknowledges_too_early_is_refused() {
    let Some(database) = TestPostgres::own_with(&["synchronous_commit=off"]).await else { return };
    let Some(pooler) = TestPooler::start(&database, "session", &[IGNORING]) else { return };
    let error = connect(&pooler).await.expect_err("not durable");
    assert!(matches!(error, ConnectError::NotDurable), "{error:?}");
}
