//! Groups and conditions.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::operator::{Operand, Operator};
use crate::path::Path;

/// Conditions joined by AND; one without conditions always holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Group {
    /// What must hold together.
    pub(crate) conditions: Vec<Condition>,
    /// What the agent is told when the group decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_deny: Option<String>,
}

/// One condition; combinations are nested at most 32 deep.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub(crate) enum Condition {
    /// At least one holds.
    Any {
        #[schemars(length(min = 1))]
        any: Vec<Condition>,
    },
    /// Every one holds.
    All {
        #[schemars(length(min = 1))]
        all: Vec<Condition>,
    },
    /// It does not hold.
    Not { not: Box<Condition> },
    /// A value is compared.
    Comparison(Comparison),
}

/// A value and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Comparison {
    pub(crate) path: Path,
    pub(crate) op: Operator,
    #[serde(flatten)]
    pub(crate) operation: Operation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_missing: Option<OnMissing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quantifier: Option<Quantifier>,
}

/// The other side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Operation {
    #[serde(rename = "value")]
    Constant(Constant),
    #[serde(rename = "value_path")]
    Path(Path),
}

/// A constant that fits its operator.
#[derive(Debug, Clone)]
pub(crate) struct Constant {
    /// As it is written, without blanks.
    pub(crate) text: Box<RawValue>,
    /// Made ready for comparing.
    pub(crate) operand: Arc<Operand>,
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        self.text.get() == other.text.get()
    }
}

impl Serialize for Constant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

/// What a missing value counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnMissing {
    True,
    False,
    /// Indeterminate.
    Error,
}

/// How many of the values that `[*]` yields must satisfy the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quantifier {
    Any,
    All,
}

/// Written by hand: what `value` may be depends on `op`.
impl JsonSchema for Comparison {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Comparison")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let on_missing = generator.subschema_for::<OnMissing>();
        let quantifier = generator.subschema_for::<Quantifier>();
        let operator = generator.subschema_for::<Operator>();
        let scalar = || serde_json::json!({ "type": ["string", "number", "boolean"] });
        let list = |items: serde_json::Value| serde_json::json!({ "type": "array", "minItems": 1, "items": items });
        let rule = |operators: &[&str], value: serde_json::Value| {
            serde_json::json!({
                "if": { "properties": { "op": { "enum": operators } }, "required": ["op"] },
                "then": { "properties": { "value": value } },
            })
        };
        json_schema!({
            "description": "A value and what it is compared with.",
            "type": "object",
            "properties": {
                "path": { "type": "string", "description": "Where the value is: `args.amount`, `grant.metadata.team`, `time.hour`." },
                "op": operator,
                "value": { "description": "A constant to compare with." },
                "value_path": { "type": "string", "description": "Another path to compare with." },
                "on_missing": on_missing,
                "quantifier": quantifier,
            },
            "required": ["path", "op"],
            "oneOf": [{ "required": ["value"] }, { "required": ["value_path"] }],
            "additionalProperties": false,
            "allOf": [
                rule(&["eq", "neq", "includes", "not_includes"], scalar()),
                rule(&["lt", "lte", "gt", "gte"], serde_json::json!({ "type": "number" })),
                rule(&["in", "not_in"], list(scalar())),
                rule(&["exists"], serde_json::json!({ "type": "boolean" })),
                rule(
                    &["regex", "not_regex", "contains", "not_contains", "starts_with", "ends_with"],
                    serde_json::json!({ "type": "string" }),
                ),
                rule(&["max_length", "max_items"], serde_json::json!({ "type": "integer", "minimum": 0 })),
                rule(&["host_in", "host_not_in", "within_path"], list(serde_json::json!({ "type": "string" }))),
            ],
        })
    }
}
