//! What every HTTP listener needs: problems, request ids, access log, security headers, health,
//! and the accept loop.
//!
//! No workspace crate is known here and no rule of the product. To add a concern of all
//! requests: a module with one layer or middleware function, which the gateway puts around both
//! its faces.
#![warn(missing_docs)]

pub mod access_log;
pub mod client_address;
pub mod guesses;
pub mod occupancy;
pub mod problem;
pub mod request_id;
pub mod security_headers;
pub mod server;

pub use access_log::access_log;
pub use client_address::{ClientAddress, TrustedProxies, client_address};
pub use guesses::Guesses;
pub use occupancy::{Held, Occupancy};
pub use problem::{FieldError, Problem};
pub use request_id::{RequestId, request_id};
pub use security_headers::{security_headers, strict_transport_security};
