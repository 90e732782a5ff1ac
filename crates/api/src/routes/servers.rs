//! Servers.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod health;
pub(crate) mod list;
pub(crate) mod refresh;
pub(crate) mod update;
