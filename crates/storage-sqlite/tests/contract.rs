//! The cases that every backend must pass.

use ostiary_storage::contract::Backend;
use ostiary_storage_sqlite::SqliteStore;

async fn open() -> Backend {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("ostiary.db")).await.expect("a store");
    Backend::new(store, directory)
}

ostiary_storage::storage_contract!(crate::open);
