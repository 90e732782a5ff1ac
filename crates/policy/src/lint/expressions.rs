//! Expressions that let more through than they seem to.

use super::{Linter, each_comparison_of};
use crate::diagnostic::DiagnosticCode;
use crate::document::Operation;
use crate::operator::Operator;

impl Linter<'_> {
    pub(super) fn expressions(&mut self) {
        let mut unanchored = Vec::new();
        for place in self.places() {
            let require = place.pointer().join("require");
            for (index, group) in place.rule_set.require.iter().flatten().enumerate() {
                each_comparison_of(group, &require.join(&index.to_string()), &mut |comparison, at, is_under_not| {
                    let Operation::Constant(constant) = &comparison.operation else { return };
                    if comparison.op != Operator::Regex || is_under_not {
                        return;
                    }
                    // The constant is a string: it was checked against the operator.
                    let text: String = serde_json::from_str(constant.text.get()).unwrap_or_default();
                    if !is_anchored(&text) {
                        unanchored.push(at.join("value"));
                    }
                });
            }
        }
        for pointer in unanchored {
            let message = "the expression is found anywhere in the argument; write `^` and `$` to require all of it";
            self.warn(DiagnosticCode::UnanchoredRegex, &pointer, message);
        }
    }
}

/// Whether an expression surely matches from the beginning to the end. Doubtful ones count as not anchored.
fn is_anchored(expression: &str) -> bool {
    let body = match expression.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
        // Flags for all that follows; `m` makes `^` and `$` mean lines.
        Some((flags, rest)) if flags.chars().all(|flag| flag.is_ascii_alphabetic() && flag != 'm') => rest,
        _ => expression,
    };
    let begins = body.starts_with('^') || body.starts_with("\\A");
    let ends = (body.ends_with('$') && !ends_escaped(body)) || body.ends_with("\\z");
    begins && ends && !has_outer_alternative(body)
}

/// Whether the last character is escaped.
fn ends_escaped(body: &str) -> bool {
    let before = body.chars().rev().skip(1).take_while(|char| *char == '\\').count();
    before.checked_rem(2) == Some(1)
}

/// Whether a `|` stands outside of all parentheses: then each side has its own anchors.
fn has_outer_alternative(body: &str) -> bool {
    let (mut depth, mut is_in_class, mut is_escaped) = (0_usize, false, false);
    for char in body.chars() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            _ if is_in_class => {}
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_anchored;

    #[rstest]
    #[case("^a$", true)]
    #[case("\\Aa\\z", true)]
    #[case("(?i)^a$", true)]
    #[case("^(a|b)$", true)]
    #[case("^[|]$", true)]
    #[case("^a|b$", false)]
    #[case("^a", false)]
    #[case("a$", false)]
    #[case("^a\\$", false)]
    #[case("^a\\\\$", true)]
    #[case("(?m)^a$", false)]
    fn expression_is_anchored_at_both_ends_or_not(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_anchored(text), expected);
    }
}
