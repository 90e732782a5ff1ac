//! Grants.

pub(crate) mod create;
pub(crate) mod delete_binding;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put_binding;
pub(crate) mod revoke;
pub(crate) mod rotate;
pub(crate) mod update;
