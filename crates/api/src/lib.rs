//! The REST API under `/api/v1`, as a library: a router over a store, and its OpenAPI document.
//!
//! It decides who may do what, checks what comes in, and writes down what was asked for. What a
//! policy means is in `ostiary-policy`; how things are stored is behind `ostiary-storage`; calls
//! of agents never come here. A change is answered only after it is committed *and* every cache
//! of the account has been told ([`freshness::Freshness`]): acknowledged means enforced.
//!
//! What a route changes begins with [`ApiState::begin`](state::ApiState::begin): the store that it reaches can only be
//! read.
//!
//! To add an endpoint: its types in `dto/`, one file `routes/<resource>/<verb>.rs` with handler
//! and documentation together, its line in [`router`], and its row in the authorization table of
//! the tests, which fail without it.
#![warn(missing_docs)]

pub mod discovery;
mod document;
pub mod dto;
pub mod error;
pub mod extract;
pub mod freshness;
mod idempotency;
pub mod in_flight;
pub mod mail;
pub mod openapi;
pub mod ops;
mod pages;
mod problems;
pub mod provider;
pub mod rate;
pub mod router;
mod routes;
pub mod state;
mod tag;

pub use error::ApiError;
pub use freshness::Freshness;
pub use in_flight::CallsInFlight;
pub use mail::{Mail, MailError, SendMail};
pub use openapi::openapi;
pub use provider::{ProviderError, ProviderPerson, SignInProvider};
pub use router::router;
pub use state::{ApiParts, ApiSettings, ApiState};
