//! What differs between two documents, member by member.

use serde_json::Value;

use crate::dto::policy::{PolicyChange, PolicyChangeOp};
use crate::extract::input::pointer_of;

/// The differences from one value to another, in the order of their pointers.
#[must_use]
pub fn diff(from: &Value, to: &Value) -> Vec<PolicyChange> {
    let mut changes = Vec::new();
    compare("", Some(from), Some(to), &mut changes);
    changes
}

fn compare(pointer: &str, from: Option<&Value>, to: Option<&Value>, changes: &mut Vec<PolicyChange>) {
    match (from, to) {
        (Some(from), Some(to)) if from == to => {}
        (Some(Value::Object(from)), Some(Value::Object(to))) => {
            let mut names: Vec<&String> =
                from.keys().chain(to.keys().filter(|name| !from.contains_key(*name))).collect();
            names.sort_unstable();
            for name in names {
                compare(&format!("{pointer}{}", pointer_of(name)), from.get(name), to.get(name), changes);
            }
        }
        (Some(Value::Array(from)), Some(Value::Array(to))) => {
            for index in 0..from.len().max(to.len()) {
                compare(&format!("{pointer}/{index}"), from.get(index), to.get(index), changes);
            }
        }
        (None, None) => {}
        (from, to) => changes.push(PolicyChange {
            op: match (from, to) {
                (None, _) => PolicyChangeOp::Added,
                (_, None) => PolicyChangeOp::Removed,
                _ => PolicyChangeOp::Changed,
            },
            pointer: pointer.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn diff_of_equal_values_is_empty() {
        assert_eq!(diff(&json!({"a": [1, {"b": null}]}), &json!({"a": [1, {"b": null}]})), []);
    }

    #[test]
    fn diff_names_what_was_added_removed_and_changed() {
        let from = json!({"default": "deny", "tools": {"a/b": {"limits": [1, 2]}, "x": {}}});
        let to = json!({"default": "allow", "tools": {"a/b": {"limits": [1]}, "y": 1}});
        let found: Vec<_> = diff(&from, &to).into_iter().map(|change| (change.op, change.pointer)).collect();
        let expected = [
            (PolicyChangeOp::Changed, "/default"),
            (PolicyChangeOp::Removed, "/tools/a~1b/limits/1"),
            (PolicyChangeOp::Removed, "/tools/x"),
            (PolicyChangeOp::Added, "/tools/y"),
        ];
        assert_eq!(found, expected.map(|(op, pointer)| (op, pointer.to_owned())));
    }
}
