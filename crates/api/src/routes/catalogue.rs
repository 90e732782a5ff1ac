//! The catalogue, for everybody.

pub(crate) mod get_server;
pub(crate) mod get_tool;
pub(crate) mod list_servers;
pub(crate) mod list_tools;
