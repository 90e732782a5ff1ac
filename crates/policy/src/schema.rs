//! The JSON Schema of the document, for editors.

use schemars::generate::SchemaSettings;

use crate::document::Document;

/// Where the schema is published.
const ID_PATH: &str = "/schemas/policy-v1.json";

/// The schema of the document, draft 2020-12, from the types that are parsed into.
///
/// It helps to write a document. It does not judge one: only [`parse`](crate::parse) knows every rule.
pub fn json_schema() -> serde_json::Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    let mut schema = schema.to_value();
    if let Some(members) = schema.as_object_mut() {
        members.insert("$id".to_owned(), ID_PATH.into());
    }
    schema
}
