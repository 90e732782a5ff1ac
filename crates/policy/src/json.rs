//! JSON as policies need it: numbers keep the decimal that is written, and everything that two readers could
//! understand differently is found in the same pass.
//!
//! `serde_json` is not used for this because it drops all but the last of two equal members, rounds numbers and
//! recurses. The scanner here is iterative, so depth costs heap, never stack.

mod scan;
mod tree;

pub(crate) use scan::{AmbiguityKind, is_unambiguous};
pub(crate) use tree::{Items, Kind, Tree, View};

/// Reads one JSON string literal, quotes included, that fills `text`; `None` where it is none or has half a surrogate
/// pair.
pub(crate) fn string_literal(text: &str) -> Option<String> {
    let tree = Tree::parse(text).ok()?;
    if !tree.ambiguities().is_empty() {
        return None;
    }
    match tree.root().kind() {
        Kind::String(value) if text.starts_with('"') && text.ends_with('"') => Some(value.to_owned()),
        _ => None,
    }
}
