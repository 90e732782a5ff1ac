//! The accounts of the caller.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod switch;
