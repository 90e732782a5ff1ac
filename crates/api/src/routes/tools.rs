//! Tools of a server.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;
