//! The JSON Schema of the document, for editors.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::document::Document;

/// Where the schema is published.
const ID_PATH: &str = "/schemas/policy-v1.json";

/// The schema of the document, draft 2020-12, from the types that are parsed into.
///
/// It helps to write a document. It does not judge one: only [`parse`](crate::parse) knows every rule.
pub fn json_schema() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    let mut schema = schema.to_value();
    without_null(&mut schema);
    if let Some(members) = schema.as_object_mut() {
        members.insert("$id".to_owned(), ID_PATH.into());
    }
    schema
}

/// A member of the document may be absent and is never `null`, which the types cannot say.
fn without_null(schema: &mut Value) {
    let is_null = |value: &Value| *value == "null" || value.get("type").is_some_and(|name| name == "null");
    match schema {
        Value::Object(members) => {
            for word in ["type", "anyOf"] {
                if let Some(Value::Array(choices)) = members.get_mut(word) {
                    choices.retain(|choice| !is_null(choice));
                }
            }
            if let Some(Value::Array(names)) = members.get("type")
                && let [name] = names.as_slice()
            {
                let name = name.clone();
                members.insert("type".to_owned(), name);
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKED_IN: &str = include_str!("../../../docs/reference/policy.schema.json");
    const CORPUS: &str = include_str!("../corpus/cases.jsonl");

    #[test]
    fn schema_that_is_checked_in_is_the_generated_one() {
        let checked_in: Value = serde_json::from_str(CHECKED_IN).unwrap();
        assert_eq!(
            checked_in,
            json_schema(),
            "write it anew: `ostiary policy schema > docs/reference/policy.schema.json`"
        );
    }

    #[test]
    fn document_that_parses_satisfies_the_schema() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        for line in CORPUS.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let text = case["policy_text"].as_str().map_or_else(|| case["policy"].to_string(), str::to_owned);
            if crate::parse(&text).is_ok() {
                let document: Value = serde_json::from_str(&text).unwrap();
                assert!(validator.is_valid(&document), "{}: {:?}", case["name"], validator.validate(&document).err());
            }
        }
    }

    #[test]
    fn null_and_unknown_members_do_not_satisfy_the_schema() {
        let validator = jsonschema::validator_for(&json_schema()).unwrap();
        for body in [
            r#""hide":null"#,
            r#""timezone":null"#,
            r#""all_tools":{"limits":null}"#,
            r#""tool":{}"#,
            r#""categories":{"risky":{}}"#,
        ] {
            let document = serde_json::from_str(&format!("{{\"version\":\"1\",\"default\":\"deny\",{body}}}")).unwrap();
            assert!(!validator.is_valid(&document), "{body}");
        }
    }
}
