//! Steps that two or more routes share.

pub mod account;
pub mod audit;
pub mod classify;
pub mod cursor;
pub mod diff;
pub mod document;
pub mod export;
pub mod finding;
pub mod grant;
pub mod inventory;
pub mod policy;
pub mod server;
pub mod simulate;
pub mod throttle;
pub mod tool;
pub mod tool_change;
pub mod watch;
