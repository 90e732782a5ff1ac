//! One module an entity: its statements, its rows, and how rows become values of the model.

mod account;
mod api_key;
mod attempt;
mod audit;
mod catalogue;
mod decision;
mod entry;
mod grant;
mod idempotency;
mod invitation;
mod link;
mod member;
mod policy;
mod server;
mod session;
mod snapshot;
mod tool;
mod tool_change;
mod user;
