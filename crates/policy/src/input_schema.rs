//! A tool's own schema of its arguments, compiled once and never fetching anything.

use std::fmt;
use std::sync::OnceLock;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// How often an expression of a schema may go back before the schema counts as invalid.
const BACKTRACK_LIMIT: usize = 100_000;
/// Largest compiled expression of a schema.
const EXPRESSION_BYTES: usize = 10 * 1024 * 1024;

/// A JSON Schema as the upstream sent it. The first check compiles it; all later ones share the result.
pub struct InputSchema {
    text: Box<str>,
    compiled: OnceLock<Option<Validator>>,
}

/// Why arguments are refused. Names places, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentsError {
    #[error(
        "the tool's own schema is invalid or refers to another document, so no arguments can be checked against it"
    )]
    Schema,
    #[error("the arguments are nested too deep to be checked against the tool's schema")]
    Depth,
    #[error("the arguments do not satisfy the tool's schema (`{keyword}`); look at its `inputSchema`")]
    Root { keyword: String },
    #[error("the argument at `{path}` does not satisfy the tool's schema (`{keyword}`)")]
    Argument { path: String, keyword: String },
}

impl InputSchema {
    /// Keeps a schema's text, which is not looked at yet.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        InputSchema { text: text.into(), compiled: OnceLock::new() }
    }

    /// The schema as it was sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether arguments can be checked against it at all: it is a schema, and refers to no other document.
    pub fn is_usable(&self) -> bool {
        self.compiled.get_or_init(|| compile(&self.text)).is_some()
    }

    /// Checks arguments, given as JSON text.
    pub(crate) fn validate(&self, arguments: &str) -> Result<(), ArgumentsError> {
        let validator = self.compiled.get_or_init(|| compile(&self.text)).as_ref().ok_or(ArgumentsError::Schema)?;
        // Anything but depth was found before: the text is JSON that nobody misunderstands.
        let value: Value = serde_json::from_str(arguments).map_err(|_| ArgumentsError::Depth)?;
        validator.validate(&value).map_err(|error| {
            let (path, keyword) = (error.instance_path().as_str().to_owned(), error.kind().keyword().to_owned());
            if path.is_empty() { ArgumentsError::Root { keyword } } else { ArgumentsError::Argument { path, keyword } }
        })
    }
}

fn compile(text: &str) -> Option<Validator> {
    let schema: Value = serde_json::from_str(text).ok()?;
    if refers_to_metaschema(&schema) {
        return None;
    }
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(BACKTRACK_LIMIT)
        .size_limit(EXPRESSION_BYTES)
        .dfa_size_limit(EXPRESSION_BYTES);
    jsonschema::options().should_validate_formats(false).with_pattern_options(patterns).offline().build(&schema).ok()
}

/// Whether the schema refers to one of the drafts' own schemas. The library has those at hand and would follow; they are
/// other documents all the same.
fn refers_to_metaschema(schema: &Value) -> bool {
    const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
    const DRAFTS: [&str; 2] = ["https://json-schema.org/draft", "http://json-schema.org/draft"];
    match schema {
        Value::Object(members) => members.iter().any(|(name, value)| match value.as_str() {
            Some(text) => REFERENCES.contains(&name.as_str()) && DRAFTS.iter().any(|draft| text.starts_with(draft)),
            None => refers_to_metaschema(value),
        }),
        Value::Array(items) => items.iter().any(refers_to_metaschema),
        _ => false,
    }
}

impl fmt::Debug for InputSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InputSchema({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"type":"object","required":["a"]}"#, "{}", false)]
    #[case(r#"{"type":"object","required":["a"]}"#, r#"{"a":1}"#, true)]
    // Without `$schema` it is 2020-12, where `prefixItems` is known; draft 7 does not know it.
    #[case(r#"{"properties":{"a":{"prefixItems":[{"type":"string"}]}}}"#, r#"{"a":[1]}"#, false)]
    #[case(r#"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"prefixItems":[{"type":"string"}]}}}"#, r#"{"a":[1]}"#, true)]
    // `format` is not asserted.
    #[case(r#"{"properties":{"a":{"format":"email"}}}"#, r#"{"a":"x"}"#, true)]
    #[case(r##"{"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}}"##, r#"{"a":"x"}"#, false)]
    #[case(r##"{"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}}"##, r#"{"a":1}"#, true)]
    #[case(r#"{"properties":{"a":{"$ref":"https://example.com/x.json"}}}"#, "{}", false)]
    #[case(r#"{"properties":{"a":{"$ref":"other.json"}}}"#, "{}", false)]
    #[case(r#"{"properties":{"a":{"$ref":"file:///etc/passwd"}}}"#, "{}", false)]
    #[case(r#"{"properties":{"a":{"$ref":"https://json-schema.org/draft/2020-12/schema"}}}"#, "{}", false)]
    #[case(r#"{"type":"nonsense"}"#, "{}", false)]
    #[case(r#"{"properties":{"a":{"pattern":"("}}}"#, "{}", false)]
    #[case("no json", "{}", false)]
    #[case(r##"{"$ref":"#"}"##, "{}", true)]
    #[case(r##"{"properties":{"a":{"$ref":"#"}}}"##, r#"{"a":{"a":{"a":{}}}}"#, true)]
    fn arguments_are_checked_as_the_schema_says(#[case] schema: &str, #[case] arguments: &str, #[case] expected: bool) {
        assert_eq!(InputSchema::new(schema).validate(arguments).is_ok(), expected, "{schema} {arguments}");
    }

    #[test]
    fn error_names_the_place_and_not_the_value() {
        let schema = InputSchema::new(r#"{"properties":{"key":{"maxLength":3}}}"#);
        let error = schema.validate(r#"{"key":"hunter2"}"#).unwrap_err().to_string();
        assert!(error.contains("/key") && error.contains("maxLength") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn arguments_nested_too_deep_are_refused() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(InputSchema::new("{}").validate(&deep), Err(ArgumentsError::Depth));
    }

    #[test]
    fn expression_that_runs_wild_ends() {
        let schema = InputSchema::new(r#"{"properties":{"a":{"pattern":"^(?:(a+)+\\1)+$"}}}"#);
        let _ = schema.validate(&format!("{{\"a\":\"{}!\"}}", "a".repeat(5000)));
    }
}
