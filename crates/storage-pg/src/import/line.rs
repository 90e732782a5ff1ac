//! Rows as `copy` reads and writes them: a line of text, with tabs between the values.

use std::fmt::Write as _;

use ostiary_storage::transfer::{Cell, TransferError};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::import::form::{Kind, Target};
use crate::text::clean;

/// A line, to be written again and again.
#[derive(Debug, Default)]
pub(super) struct Line(String);

impl Line {
    /// Writes a row in the form in which the database would write it, too.
    pub(super) fn write(&mut self, target: &Target, row: &[Cell]) -> Result<(), TransferError> {
        let text = &mut self.0;
        text.clear();
        let columns = target.form.columns.iter().zip(&target.kinds);
        if row.len() != target.kinds.len() {
            return Err(TransferError::Form(format!("a row of `{}` has another number of values", target.form.name)));
        }
        for (at, (cell, (column, kind))) in row.iter().zip(columns).enumerate() {
            if at > 0 {
                text.push('\t');
            }
            if !write(text, cell, *kind) {
                return Err(TransferError::Value { table: target.form.name.clone(), column: column.clone() });
            }
        }
        text.push('\n');
        Ok(())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Writes a value; answers whether the column takes it.
fn write(text: &mut String, cell: &Cell, kind: Kind) -> bool {
    // Writing to a string cannot fail.
    let written = match (cell, kind) {
        (Cell::Null, _) => write!(text, "\\N"),
        (Cell::Integer(number), Kind::Integer) => write!(text, "{number}"),
        (Cell::Integer(0), Kind::Boolean) => write!(text, "f"),
        (Cell::Integer(1), Kind::Boolean) => write!(text, "t"),
        (Cell::Bytes(bytes), Kind::Bytes) => {
            text.push_str("\\\\x");
            bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}"))
        }
        (Cell::Bytes(bytes), Kind::Uuid) => match Uuid::from_slice(bytes) {
            Ok(id) => write!(text, "{id}"),
            Err(_) => return false,
        },
        (Cell::Text(value), Kind::Text) => {
            escape(text, value);
            Ok(())
        }
        _ => return false,
    };
    written.is_ok()
}

fn escape(text: &mut String, value: &str) {
    for character in clean(value).chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{b}' => text.push_str("\\v"),
            other => text.push(other),
        }
    }
}

/// What lines say together, in whatever order they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest {
    lines: u64,
    sum: u128,
}

impl Digest {
    pub(super) fn add(&mut self, line: &[u8]) {
        let hash: [u8; 32] = Sha256::digest(line).into();
        let half = hash.first_chunk().map_or(0, |half| u128::from_be_bytes(*half));
        self.sum = self.sum.wrapping_add(half);
        self.lines += 1;
    }

    pub(super) const fn lines(&self) -> u64 {
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cell: &Cell, kind: Kind) -> Option<String> {
        let mut text = String::new();
        write(&mut text, cell, kind).then_some(text)
    }

    #[test]
    fn value_is_written_as_copy_writes_it() {
        let id = Uuid::from_u128(0x1234);
        for (cell, kind, expected) in [
            (Cell::Null, Kind::Text, Some("\\N")),
            (Cell::Integer(-7), Kind::Integer, Some("-7")),
            (Cell::Integer(1), Kind::Boolean, Some("t")),
            (Cell::Integer(2), Kind::Boolean, None),
            (Cell::Text("a\tb\\N\n\u{b}é".to_owned()), Kind::Text, Some("a\\tb\\\\N\\n\\vé")),
            (Cell::Text("a\0b".to_owned()), Kind::Text, Some("a\u{FFFD}b")),
            (Cell::Bytes(vec![0, 255]), Kind::Bytes, Some("\\\\x00ff")),
            (Cell::Bytes(id.as_bytes().to_vec()), Kind::Uuid, Some("00000000-0000-0000-0000-000000001234")),
            (Cell::Bytes(vec![1]), Kind::Uuid, None),
            (Cell::Text("7".to_owned()), Kind::Integer, None),
        ] {
            assert_eq!(written(&cell, kind).as_deref(), expected, "{cell:?}");
        }
    }

    #[test]
    fn digest_depends_on_the_lines_and_not_on_their_order() {
        let of = |lines: &[&str]| {
            let mut digest = Digest::default();
            lines.iter().for_each(|line| digest.add(line.as_bytes()));
            digest
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
        assert_ne!(of(&["a"]), of(&["a", "a"]));
    }
}
