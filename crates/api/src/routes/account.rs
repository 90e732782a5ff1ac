//! The caller and the account.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod leave;
pub(crate) mod me;
pub(crate) mod restore;
pub(crate) mod transfer;
pub(crate) mod update;
