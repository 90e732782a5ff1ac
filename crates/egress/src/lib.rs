//! Connections to the outside: every address is checked at the moment of connecting.
//!
//! What it is for: to send calls to upstreams ([`UpstreamClient`], pooled and fast) and control traffic to whoever a
//! person names ([`ControlClient`], bounded in time and size), both behind one [`Guard`].
//!
//! What it must not do: know the protocol that it carries, follow a redirect, use a proxy from the environment, or open
//! a connection past the guard. Errors name neither addresses nor credentials, since people see them.
//!
//! How to add the usual next thing: a range that must not be reached is a line in the table of [`address`], with a case
//! in its tests; a new client takes a [`Guard`] and asks it both for the URL and, when connecting, for the addresses.
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod address;
mod body;
mod connector;
mod control;
mod error;
mod guard;
mod policy;
mod resolver;
mod tls;
mod upstream;

pub use body::{TimedBody, collect_bounded};
pub use control::{ControlClient, ControlSettings, Fetched};
pub use error::{BlockedReason, EgressError, Phase, blocked_in};
pub use guard::Guard;
pub use policy::{EgressPolicy, PlainHttp, Scheme};
pub use resolver::{Resolve, SystemResolver};
pub use upstream::{UpstreamClient, UpstreamSettings};
