//! What the input schema tells: parameter names, and the verbs among the values of an `action` parameter.

use serde_json::{Map, Value};

use crate::Category;
use crate::lexicon::{self, Act};
use crate::text::name_words;

/// The top-level parameters of a tool.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parameters<'a> {
    properties: Option<&'a Map<String, Value>>,
}

/// Values of one enum that are looked at.
const VALUES_MAX: usize = 64;

impl<'a> Parameters<'a> {
    pub(crate) fn new(input_schema: Option<&'a Value>) -> Self {
        Self { properties: input_schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object) }
    }

    pub(crate) fn len(&self) -> usize {
        self.properties.map_or(0, Map::len)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.properties
            .into_iter()
            .flat_map(|properties| properties.iter().map(|(name, schema)| (name.as_str(), schema)))
    }

    /// Whether any parameter's name has one of these words.
    fn has_any(&self, words: &[&str]) -> bool {
        self.names().any(|name| name_words(name).iter().any(|word| words.contains(&word.as_str())))
    }

    /// An amount beside a currency or a means of payment: the tool is about money.
    pub(crate) fn takes_amount(&self) -> bool {
        self.has_any(&["amount", "valor", "monto", "importe", "value", "total"])
            && self.has_any(&[
                "currency",
                "moneda",
                "moeda",
                "payment",
                "card",
                "payer",
                "pix",
                "pagamento",
                "pago",
                "installments",
            ])
    }

    /// A parameter that takes code or a command, by its name.
    pub(crate) fn code(&self) -> Option<&'a str> {
        self.names().find(|name| {
            let words = name_words(name);
            matches!(
                words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
                ["code"
                    | "script"
                    | "command"
                    | "commands"
                    | "cmd"
                    | "shell"
                    | "bash"
                    | "javascript"
                    | "js"
                    | "python"
                    | "sql"
                    | "expression"]
                    | ["source" | "shell" | "python" | "js", "code" | "command" | "script"]
                    | ["codigo" | "comando"]
            )
        })
    }

    /// The most severe verb among the values of an `action`, `operation` or `method` parameter.
    pub(crate) fn severest_action(&self) -> Option<(String, String, Category)> {
        let is_action = |name: &str| {
            matches!(
                name.to_ascii_lowercase().as_str(),
                "action" | "operation" | "op" | "method" | "command" | "accion" | "acao"
            )
        };
        self.iter()
            .filter(|(name, _)| is_action(name))
            .flat_map(|(name, schema)| {
                let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                values.take(VALUES_MAX).filter_map(Value::as_str).filter_map(move |value| {
                    let words = name_words(value);
                    let verb = words.first().and_then(|word| lexicon::verb(word)).filter(|verb| verb.is_strict)?;
                    let category = match verb.act {
                        Act::Delete | Act::Cancel => Category::Destructive,
                        Act::Pay => Category::Financial,
                        Act::Run => Category::Execute,
                        Act::Edit | Act::Make => Category::Write,
                        _ => return None,
                    };
                    Some((format!("inputSchema.properties.{name}"), value.to_ascii_lowercase(), category))
                })
            })
            .max_by_key(|(_, _, category)| *category)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn severest_action_among_the_values_is_found() {
        let schema = json!({ "properties": { "action": { "enum": ["list", "create", "delete", "get"] }, "id": {} } });
        let found = Parameters::new(Some(&schema)).severest_action();
        assert_eq!(
            found,
            Some(("inputSchema.properties.action".to_owned(), "delete".to_owned(), Category::Destructive))
        );
    }

    #[test]
    fn parameters_of_an_odd_schema_are_none() {
        for schema in
            [json!(null), json!([]), json!({ "properties": [] }), json!({ "properties": { "action": { "enum": 3 } } })]
        {
            let parameters = Parameters::new(Some(&schema));
            assert_eq!(parameters.severest_action(), None);
            assert_eq!(parameters.code(), None);
        }
    }
}
