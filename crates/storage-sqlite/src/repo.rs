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
mod identity;
mod invitation;
mod link;
mod member;
mod passkey;
mod plan;
mod policy;
mod sealed;
mod second_factor;
mod server;
mod session;
mod snapshot;
mod tool;
mod tool_change;
mod usage;
mod user;
