//! How providers of sign-ins know the caller.

pub(crate) mod list;
pub(crate) mod remove;
