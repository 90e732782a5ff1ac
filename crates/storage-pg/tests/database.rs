//! What is special about PostgreSQL: its texts, its months, its server that may be old, away, busy or shared.

#[path = "database/log.rs"]
mod log;
#[path = "database/months.rs"]
mod months;
#[path = "database/pooler.rs"]
mod pooler;
#[path = "database/schema.rs"]
mod schema;
#[path = "database/trouble.rs"]
mod trouble;

use ostiary_model::{Account, AccountId, Name, Slug};
use ostiary_storage::contract::Backend;
use ostiary_storage::contract::fixture::at;
use ostiary_storage::{Store as _, Unrecorded};
use ostiary_storage_pg::{PgSettings, PgStore};
use ostiary_testkit::TestPostgres;
use sqlx::PgPool;

/// A store over a database of its own, when the machine has one.
async fn open(settings: &PgSettings) -> Option<(PgStore, TestPostgres)> {
    let database = TestPostgres::create().await?;
    let store = PgStore::connect(database.url(), settings).await.expect("a store");
    Some((store, database))
}

/// The same for the fixtures of the contract.
fn backend(store: &PgStore) -> Backend {
    Backend::new(store.clone(), ())
}

/// The database as another program would see it.
async fn raw(database: &TestPostgres) -> PgPool {
    PgPool::connect(database.url()).await.expect("the database")
}

fn account(slug: &str) -> Account {
    Account {
        id: AccountId::generate(),
        slug: Slug::parse(slug).expect("a slug"),
        name: Name::parse("One").expect("a name"),
        created_at: at(0),
        updated_at: at(0),
        delete_at: None,
        plan: ostiary_model::PlanName::standard(),
    }
}

async fn create(store: &PgStore, account: &Account) {
    let mut tx = store.begin().await.expect("begin");
    tx.create_account(account).await.expect("create");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
}
