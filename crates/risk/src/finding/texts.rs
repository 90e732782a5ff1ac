//! Every text of a definition, with its place: names of parameters, enums and defaults included.

use serde_json::Value;

use crate::Definition;

/// Texts of one definition that are looked at.
const TEXTS_MAX: usize = 5_000;
/// Levels of a schema that are looked at.
const DEPTH_MAX: usize = 24;
/// Bytes of one place that are kept: a name in it may be of any length.
const PLACE_MAX: usize = 200;

/// One text.
#[derive(Clone, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) place: String,
    pub(crate) text: &'a str,
}

impl<'a> Text<'a> {
    pub(crate) fn new(place: &str, text: &'a str) -> Self {
        Self { place: place.chars().filter(|c| !c.is_control()).take(PLACE_MAX).collect(), text }
    }
}

/// The texts of a definition, in the order of its members.
pub(crate) fn of_definition<'a>(definition: &Definition<'a>) -> Vec<Text<'a>> {
    let mut texts = vec![Text::new("name", definition.name)];
    texts.extend(definition.title.map(|text| Text::new("title", text)));
    texts.extend(definition.description.map(|text| Text::new("description", text)));
    for (place, part) in [
        ("inputSchema", definition.input_schema),
        ("outputSchema", definition.output_schema),
        ("annotations", definition.annotations),
    ] {
        if let Some(part) = part {
            collect(place, part, 0, &mut texts);
        }
    }
    texts
}

fn collect<'a>(place: &str, value: &'a Value, depth: usize, texts: &mut Vec<Text<'a>>) {
    if texts.len() >= TEXTS_MAX || depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::String(text) => texts.push(Text::new(place, text)),
        Value::Array(items) => items.iter().for_each(|item| collect(place, item, depth + 1, texts)),
        Value::Object(members) => {
            for (name, value) in members {
                let place = Text::new(&format!("{place}.{name}"), name);
                collect(&place.place, value, depth + 1, texts);
                texts.push(place);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
