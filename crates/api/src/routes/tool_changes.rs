//! Changes of inventories, and their acceptance.

pub(crate) mod accept;
pub(crate) mod get;
pub(crate) mod list;
