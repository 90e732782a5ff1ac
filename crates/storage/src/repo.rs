//! One module an entity: a trait that reads, and a trait that writes inside a transaction.

pub mod account;
pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod catalogue;
pub mod decision;
pub mod entry;
pub mod grant;
pub mod idempotency;
pub mod identity;
pub mod invitation;
pub mod link;
pub mod member;
pub mod passkey;
pub mod plan;
pub mod policy;
pub mod sealed;
pub mod second_factor;
pub mod server;
pub mod session;
pub mod tool;
pub mod tool_change;
pub mod usage;
pub mod user;
