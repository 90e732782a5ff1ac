//! The policy language: what one grant may do on one upstream MCP server.
//!
//! Text becomes a [`Document`] ([`parse`]), a document becomes a [`Program`] ([`Document::compile`]), and a program
//! decides a [`Call`] ([`Program::evaluate`]). [`lint`] finds what is allowed and probably not meant, [`format`] gives
//! a document its canonical layout, [`Program::explain`] tells of each step. The gateway, the REST API, the command line
//! and the dashboard all use this crate and nothing else to judge.
//!
//! The crate must not do I/O, read a clock, draw random numbers or know of counters' contents: what a call would use up
//! is a [`LimitPlan`], which somebody else reserves. Evaluation is total and never panics: the lints below are errors.
//! No message holds an argument's value.
//!
//! To add an operator: a word and an arm in `operator.rs`, what it takes in `operator/operand.rs`, its rule in the schema
//! of `document/condition.rs`, a case in `corpus/`, an arm in the reference interpreter of the tests. To add a member:
//! a field in `document/`, its reading in `read/`, its meaning in `compile.rs` and `evaluate/`. To add a reason: a code in
//! `decision.rs`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]
#![deny(missing_docs)]

mod amount;
mod call;
mod compile;
mod datum;
mod decimal;
mod decision;
mod diagnostic;
mod document;
mod evaluate;
mod explain;
mod facts;
mod format;
mod input_schema;
mod inventory;
mod json;
mod judge;
mod limit;
mod lint;
mod message;
mod operator;
mod path;
mod pattern;
mod program;
mod read;
mod resolve;
mod schema;
mod truth;
mod visibility;
mod window;

pub use amount::Amount;
pub use call::{Arguments, Call, ClientFacts, GrantFacts, Subject};
pub use decision::{ApprovalNeed, Denial, DenialCode, Evaluation, LimitFacts, Proceed, RulePointer};
pub use diagnostic::{Diagnostic, DiagnosticCode, Position, Severity};
pub use document::Document;
pub use explain::{Seen, Trace, TraceStep, Verdict};
pub use facts::{Category, Metadata, MetadataError, Risk, ToolFacts, UnknownWordError};
pub use format::format;
pub use input_schema::InputSchema;
pub use inventory::{Inventory, InventoryError};
pub use limit::{Charge, Concurrent, Counter, ExceededLimit, LimitPlan, PlannedLimit, Scope, WindowName};
pub use lint::lint;
pub use program::Program;
pub use read::parse;
pub use schema::json_schema;
pub use truth::Truth;
pub use window::{Bounds, CalendarUnit, Window};

/// Whether a text is JSON that every reader understands alike: no member twice in one object, no number out of range, no
/// half of a surrogate pair.
pub fn is_unambiguous_json(text: &str) -> bool {
    json::is_unambiguous(text)
}
