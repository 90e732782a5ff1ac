//! What a tool is able to do: its category and risk, how we know, and the rule we recommend.
//!
//! [`classify`] reads a [`Definition`] and answers with a [`Classification`] that names its evidence: which words of
//! which member. [`inspect`] finds what is wrong with it. [`recommended_rule`] and [`recommended_policy`] put the answer into the policy language. The name
//! decides first, by its verb and what the verb acts on; description, schema and annotations may raise what it says.
//!
//! The crate must not do I/O, ask a model, read a clock or keep state: the same definition always gets the same answer.
//! It never panics, and its work on one definition is bounded, for definitions are somebody else's text.
//!
//! To teach it a word: a line in the language's file under `lexicon/` and a case in `tests/corpus.rs`. To add a
//! language: a file beside those, and its table in `lexicon.rs`. To add a signal: a variant in `signal.rs`, its cue in
//! `signal/detect.rs`. A new rule about what a verb does to an object belongs in `judge.rs`, one
//! about a verb beside a single word in `judge/idiom.rs`, a phrase of warning in `phrases.rs`; what no table knows is read
//! in `unknown.rs`. `tests/labelled.rs` measures all of it; its third set is not to be tuned to.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, clippy::panic)
)]
#![deny(missing_docs)]

mod category;
mod classification;
mod decide;
mod definition;
mod description;
mod finding;
mod judge;
mod lexicon;
mod name;
mod object;
mod phrases;
mod recommend;
mod schema;
mod signal;
mod sql;
mod text;
mod unknown;

pub use category::{Category, Risk};
pub use classification::{Classification, Evidence};
pub use decide::classify;
pub use definition::Definition;
pub use finding::{
    Finding, FindingCode, FindingSeverity, Surroundings, inspect, inspect_server, tokens, tokens_of_bytes,
};
pub use recommend::{recommended_policy, recommended_rule};
pub use signal::Signal;
