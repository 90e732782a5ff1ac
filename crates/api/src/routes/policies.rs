//! Policies.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod diff;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod rollback;
pub(crate) mod simulate;
pub(crate) mod update;
pub(crate) mod validate;
pub(crate) mod version;
pub(crate) mod versions;
