//! Steps that two or more routes share.

pub mod account;
pub mod attempts;
pub mod audit;
pub mod catalogue;
pub mod classify;
pub mod cursor;
pub mod diff;
pub mod document;
pub mod entry;
pub mod export;
pub mod finding;
pub mod founding;
pub mod grant;
pub mod inventory;
pub mod invitation;
pub mod member;
pub mod person;
pub mod policy;
pub mod server;
pub mod session;
pub mod simulate;
pub mod sweep;
pub mod tool;
pub mod tool_change;
pub mod verification;
pub mod watch;
