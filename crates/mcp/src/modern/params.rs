//! Arguments of a tool that its schema has repeated in headers (`x-mcp-header`).

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use serde_json::Value;

use super::{ModernFault, header_text, value};
use crate::json;

const PREFIX: &str = "mcp-param-";
/// Schemas nest, and so does the search for annotations; deeper ones are not looked for.
const MAX_DEPTH: usize = 16;
/// More annotations than that are no use to anybody.
const MAX_HEADERS: usize = 64;

/// The headers that repeat arguments of one tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParamHeaders(Vec<ParamHeader>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct ParamHeader {
    path: Vec<String>,
    header: HeaderName,
}

impl ParamHeaders {
    /// Reads them from a tool's `inputSchema`. Annotations that are not valid name nothing.
    #[must_use]
    pub fn of(schema: &Value) -> Self {
        let mut found = Vec::new();
        collect(schema, &mut Vec::new(), &mut found);
        Self(found)
    }

    /// Whether the tool has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that the headers say what the arguments say.
    ///
    /// # Errors
    /// The first header that does not.
    pub fn check(&self, arguments: Option<&str>, headers: &HeaderMap) -> Result<(), ModernFault> {
        for ParamHeader { path, header } in &self.0 {
            let agrees = match at(arguments, path) {
                Some(argument) => value(headers, header).is_some_and(|text| is_same(&text, argument)),
                None => !headers.contains_key(header),
            };
            if !agrees {
                return Err(ModernFault::Header { header: header.clone() });
            }
        }
        Ok(())
    }

    /// The headers that go with the arguments, as text.
    pub fn write<'a>(&'a self, arguments: Option<&'a str>) -> impl Iterator<Item = (&'a HeaderName, String)> {
        self.0.iter().filter_map(move |ParamHeader { path, header }| {
            let argument = at(arguments, path)?;
            let text = json::string(argument).unwrap_or(Cow::Borrowed(argument));
            Some((header, header_text(&text).into_owned()))
        })
    }
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<ParamHeader>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    if path.len() >= MAX_DEPTH {
        return;
    }
    for (name, property) in properties {
        path.push(name.clone());
        let header = property.get("x-mcp-header").and_then(Value::as_str).filter(|name| !name.is_empty());
        let header = header.and_then(|name| HeaderName::from_bytes(format!("{PREFIX}{name}").as_bytes()).ok());
        if let Some(header) = header
            && found.len() < MAX_HEADERS
        {
            found.push(ParamHeader { path: path.clone(), header });
        }
        collect(property, path, found);
        path.pop();
    }
}

/// The raw value of an argument; `None` where there is none, or nothing that a header can repeat.
fn at<'a>(arguments: Option<&'a str>, path: &[String]) -> Option<&'a str> {
    let mut value = arguments?;
    for name in path {
        // Of several with one name the last is the one that most readers take.
        value = json::members(value).filter(|member| member.key().is_some_and(|key| key == *name)).last()?.value;
    }
    (!json::is_object(value) && !json::is_array(value) && value != "null").then_some(value)
}

/// Whether a header's text says what a raw argument says. Numbers are compared as such.
fn is_same(text: &str, argument: &str) -> bool {
    if let Some(argument) = json::string(argument) {
        return argument == text;
    }
    if text == argument {
        return true;
    }
    match (text.parse::<i128>(), argument.parse::<i128>()) {
        (Ok(left), Ok(right)) => left == right,
        _ => matches!((text.parse::<f64>(), argument.parse::<f64>()), (Ok(left), Ok(right)) if left == right),
    }
}
