//! Canonical JSON (RFC 8785): equal values have equal bytes, whatever their layout. Fingerprints are made of it.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// The SHA-256 of the canonical form of a value.
#[must_use]
pub fn fingerprint(value: &Value) -> [u8; 32] {
    Sha256::digest(canonical(value).as_bytes()).into()
}

/// The members of a tool that its fingerprint speaks of: what a model or a client goes by. Others may change freely.
const FINGERPRINTED: [&str; 6] = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/// The fingerprint of a tool, from its definition as `tools/list` has it.
#[must_use]
pub fn tool_fingerprint(definition: &Value) -> [u8; 32] {
    fingerprint(&Value::Object(members(definition, &FINGERPRINTED)))
}

/// The same of everything but the name: equal for a tool that was renamed.
#[must_use]
pub fn nameless_fingerprint(definition: &Value) -> [u8; 32] {
    fingerprint(&Value::Object(members(definition, FINGERPRINTED.get(1..).unwrap_or_default())))
}

fn members(definition: &Value, names: &[&str]) -> Map<String, Value> {
    let found = names.iter().filter_map(|name| definition.get(name).map(|value| ((*name).to_owned(), value.clone())));
    found.collect()
}

/// The canonical form of a value.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            // Section 3.2.3: by UTF-16 code units, which differs from bytes beyond the BMP.
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(&Value::String(name.clone()), text);
                text.push(':');
                write(member, text);
            }
            text.push('}');
        }
        Value::Number(number) => write_number(number, text),
        // serde_json escapes strings exactly as section 3.2.2.2 wants them.
        Value::Null | Value::Bool(_) | Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

/// Section 3.2.2.3: as ECMAScript prints a number.
fn write_number(number: &Number, text: &mut String) {
    let Some(value) = number.as_f64() else {
        return;
    };
    // Rust's exponent form has the shortest digits that read back the same, which are the same
    // digits ECMAScript takes; only their layout differs.
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let negative = mantissa.starts_with('-');
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if value == 0.0 {
        text.push('0');
        return;
    }
    if negative {
        text.push('-');
    }
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    let _ = match point {
        p if p >= count && p <= 21 => write!(text, "{digits}{}", zeros(p - count)),
        p if p > 0 && p <= 21 => {
            let (whole, rest) = digits.split_at(usize::try_from(p).unwrap_or_default());
            write!(text, "{whole}.{rest}")
        }
        p if p > -6 && p <= 0 => write!(text, "0.{}{digits}", zeros(-p)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            write!(text, "{first}{dot}{rest}e{exponent:+}")
        }
    };
}

fn zeros(count: i32) -> String {
    "0".repeat(usize::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_form_sorts_members_and_drops_blanks() {
        let value: Value = serde_json::from_str(r#"{ "b": [1, 2.0], "a": {"z": null, "y": "ü\n"} }"#).expect("JSON");
        assert_eq!(canonical(&value), r#"{"a":{"y":"ü\n","z":null},"b":[1,2]}"#);
    }

    #[test]
    fn canonical_numbers_are_those_of_the_rfc() {
        // RFC 8785 appendix B.
        for (value, expected) in [
            (json!(0), "0"),
            (json!(-0.0), "0"),
            (json!(5e-324), "5e-324"),
            (json!(1.797_693_134_862_315_7e308), "1.7976931348623157e+308"),
            (json!(9_007_199_254_740_992_i64), "9007199254740992"),
            (json!(295_147_905_179_352_830_000_f64), "295147905179352830000"),
            (json!(9.999_999_999_999_997e22), "9.999999999999997e+22"),
            (json!(1e23), "1e+23"),
            (json!(999_999_999_999_999_700_000_f64), "999999999999999700000"),
            (json!(1e21), "1e+21"),
            (json!(9.999_999_999_999_997e-7), "9.999999999999997e-7"),
            (json!(0.000_001), "0.000001"),
            (json!(333_333_333.333_333_3), "333333333.3333333"),
            (json!(-1.5), "-1.5"),
        ] {
            assert_eq!(canonical(&value), expected);
        }
    }

    #[test]
    fn fingerprint_does_not_depend_on_layout() {
        let (a, b) = (json!({"x": 1, "y": 2}), json!({"y": 2.0, "x": 1}));
        assert_eq!(fingerprint(&a), fingerprint(&b));
        assert_ne!(fingerprint(&a), fingerprint(&json!({"x": 1})));
    }
    #[test]
    fn tool_fingerprint_speaks_of_what_agents_go_by() {
        let tool = json!({"name": "a", "description": "x", "_meta": {"n": 1}});
        assert_eq!(tool_fingerprint(&tool), tool_fingerprint(&json!({"description": "x", "name": "a", "icons": []})));
        assert_ne!(tool_fingerprint(&tool), tool_fingerprint(&json!({"name": "a", "description": "y"})));
        assert_ne!(tool_fingerprint(&tool), tool_fingerprint(&json!({"name": "b", "description": "x"})));
        assert_eq!(nameless_fingerprint(&tool), nameless_fingerprint(&json!({"name": "b", "description": "x"})));
    }
}
