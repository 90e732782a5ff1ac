//! The pieces of the Model Context Protocol that a gateway needs, without I/O.
//!
//! What it is for: to read a message far enough to judge it ([`envelope`]), to take entries out of lists and
//! capabilities while every other byte stays as it was sent ([`lists`], [`capability`]), to cut an event stream into
//! frames ([`sse`]), and to write the answers that the gateway gives by itself ([`error`], [`tool_result`]).
//!
//! What it must not do: sockets, tasks, clocks, random numbers, policy. It never decodes what nobody asks for and never
//! writes a message anew where the original bytes can be kept. Every function here takes bytes from strangers: none may
//! panic, recurse with the input's depth, or grow without a bound.
//!
//! How to add the usual next thing: a method is a line in the table of [`method`] and, where it carries something that
//! policy looks at, a line in `envelope::required`; a protocol revision is a variant in [`version`]; an answer of our own
//! is a code and a constructor in [`error`].
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod canonical;
pub mod capability;
pub mod discover;
pub mod envelope;
pub mod error;
pub mod header;
mod json;
pub mod lists;
pub mod merge;
pub mod method;
pub mod modern;
mod object;
pub mod prefix;
pub mod resource_names;
pub mod rewrite;
pub mod round;
pub mod said;
pub mod scan;
pub mod session;
pub mod sse;
pub mod subscription;
pub mod tool_result;
pub mod translate;
pub mod version;

pub use envelope::{Envelope, EnvelopeError, RequestId, RequestIdBuf};
pub use error::RpcError;
pub use lists::ListKind;
pub use method::{Family, Method};
pub use version::{Era, Revision};
