//! The storage of a single node: every trait of `ostiary-storage` over one SQLite file.
//!
//! All SQL of this backend is here and none elsewhere; nothing here decides what a request may
//! do. Statements are checked when they are compiled, against the data in `.sqlx/`; every
//! statement on a tenant's data has the account in its where clause.
//!
//! To add a statement: write it with `sqlx::query!` or `query_as!` in the module of its entity
//! under `repo/`, then run `cargo xtask sqlx`, which brings `.sqlx/` up to date. To change
//! tables: add a migration with the next number to `migrations/sqlite/`; the ones that are there
//! are never changed. To add an entity: a module under `repo/` with the two traits, and its rows
//! converted by `row::Place`, which turns a broken value into an error that names it.
#![warn(missing_docs)]

pub mod copy;
mod error;
mod export;
mod log;
mod maintenance;
mod repo;
mod row;
mod store;
mod transaction;

pub use export::SqliteExport;
pub use store::SqliteStore;
pub use transaction::SqliteTransaction;
