//! The data plane: calls of agents on their way to upstream servers, and the answers on their way back.
//!
//! What it is for: [`Gateway::call`] serves `/mcp/<account>/<server>`, directly on hyper. The order of a call is in
//! `pipeline`, one function a stage; what they share is in `state`.
//!
//! What it must not do: SQL or blocking work on the path of a call, except where something of the account changed;
//! decode what no rule looks at; send other bytes than those that were judged; forward a call without a decision, a
//! reservation and a durable record; show an upstream's address, or a credential of either side, to the other.
//!
//! How to add the usual next thing: a method is a line in `ostiary-mcp`'s table and, when it is a new kind of thing, an
//! errand in `stage::parse`; an error of ours is a constructor in `refusal` with its reason; a bound is a member of
//! [`ProxyConfig`] with an error of its own.
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod account;
mod answer;
mod body;
mod bounds;
mod circuit;
mod config;
mod cors;
mod denial;
mod endpoint;
mod gateway;
mod grants;
mod headers;
mod initialize;
mod inventory;
mod known;
mod leg;
mod listen;
mod listing;
mod mailbox;
mod metrics;
mod notice;
mod observation;
mod origin;
mod passing;
mod pipeline;
mod pool;
mod programs;
mod reading;
mod record;
mod refusal;
mod relay;
mod route;
mod seals;
mod session;
mod shared;
mod sight;
mod stage;
mod stall;
mod state;
mod stream;
mod talks;
mod upstream_body;
mod uses;
mod whole;

pub use body::{Body, BodyError};
pub use config::ProxyConfig;
pub use gateway::{Gateway, GatewayParts};
pub use inventory::{InventoryRefresher, RefreshError};
pub use mailbox::{Mailbox, MailboxError, Note, Shared};
pub use metrics::{Count, Metrics};
