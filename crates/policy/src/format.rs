//! The canonical layout: one document, one text.
//!
//! Members stand in the order of the language's page, tool patterns in byte order; an array or object stands on one
//! line where it fits and has nothing nested deeper than one level that would make the line hard to read.

use crate::document::Document;
use crate::json::{Kind, Tree, View};

/// Longest line that is not broken.
const WIDTH: usize = 120;

/// Writes a document in its canonical layout, with a newline at the end. Parsing the text gives an equal document, and
/// formatting that the same text.
pub fn format(document: &Document) -> String {
    // Serialising to text, not to a value, keeps numbers as they are written and members in order.
    let compact = serde_json::to_string(document).unwrap_or_default();
    let mut text = String::with_capacity(compact.len().saturating_mul(2));
    if let Ok(tree) = Tree::parse(&compact) {
        write(&mut text, tree.root(), 0, 0, true);
    }
    text.push('\n');
    text
}

/// Writes a value that begins `column` characters into a line. A document is nested about 70 deep at most.
fn write(text: &mut String, value: View<'_>, indent: usize, column: usize, is_document: bool) {
    if !is_document {
        let line = on_one_line(value);
        if column.saturating_add(line.chars().count()) <= WIDTH {
            text.push_str(&line);
            return;
        }
    }
    let inner = indent.saturating_add(2);
    let new_line = |text: &mut String, indent: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
    };
    match value.kind() {
        Kind::Array(items) => {
            text.push('[');
            for (index, item) in items.enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                new_line(text, inner);
                write(text, item, inner, inner.saturating_add(1), false);
            }
            new_line(text, indent);
            text.push(']');
        }
        Kind::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                new_line(text, inner);
                let name = serde_json::Value::from(name).to_string();
                text.push_str(&name);
                text.push_str(": ");
                let column = inner.saturating_add(name.chars().count()).saturating_add(3);
                write(text, member, inner, column, false);
            }
            new_line(text, indent);
            text.push('}');
        }
        _ => text.push_str(&value.to_compact_json()),
    }
}

fn on_one_line(value: View<'_>) -> String {
    match value.kind() {
        Kind::Array(items) => {
            let items: Vec<String> = items.map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Object(members) => {
            let member =
                |(name, value): (&str, View<'_>)| format!("{}: {}", serde_json::Value::from(name), on_one_line(value));
            let members: Vec<String> = members.map(member).collect();
            if members.is_empty() { String::from("{}") } else { format!("{{ {} }}", members.join(", ")) }
        }
        _ => value.to_compact_json(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = r#"{
  "version": "1",
  "default": "deny",
  "tools": {
    "create_refund": {
      "require": [{ "conditions": [{ "path": "args.reason", "op": "exists", "value": true }], "on_deny": "Say why." }],
      "limits": [{ "counter": "refunded", "window": "day", "max": 5e4, "amount": "args.amount" }]
    },
    "get_*": {}
  }
}
"#;

    #[test]
    fn document_in_any_order_gets_the_canonical_layout() {
        let shuffled = r#"{"tools":{"get_*":{},"create_refund":{"limits":[{"max":5e4,"amount":"args.amount","window":"day","counter":"refunded"}],
            "require":[{"on_deny":"Say why.","conditions":[{"value":true,"path":"args.reason","op":"exists"}]}]}},"default":"deny","version":"1"}"#;
        let document = crate::parse(shuffled).unwrap();
        assert_eq!(format(&document), CANONICAL);
        assert_eq!(crate::parse(CANONICAL).unwrap(), document);
    }
}
