//! The caller and the account.

pub(crate) mod get;
pub(crate) mod me;
pub(crate) mod update;
