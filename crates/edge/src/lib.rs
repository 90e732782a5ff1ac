//! What every HTTP listener needs: problems, request ids, access log, security headers, health,
//! and the accept loop.
//!
//! No workspace crate is known here and no rule of the product. To add a concern of all
//! requests: a module with one layer or middleware function, which the gateway puts around both
//! its faces.
#![warn(missing_docs)]

pub mod problem;
pub mod security_headers;
pub mod server;

pub use problem::{FieldError, Problem};
pub use security_headers::security_headers;
