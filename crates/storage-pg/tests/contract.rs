//! The cases that every backend must pass.

use ostiary_storage::contract::Backend;
use ostiary_storage_pg::{PgSettings, PgStore};
use ostiary_testkit::TestPostgres;

async fn open() -> Option<Backend> {
    let database = TestPostgres::create().await?;
    let store = PgStore::connect(database.url(), &PgSettings::default()).await.expect("a store");
    Some(Backend::new(store, database))
}

ostiary_storage::storage_contract!(crate::open);
