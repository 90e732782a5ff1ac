//! A server's tools, as lint and the command line read them.

use std::collections::BTreeMap;

use crate::facts::{Category, Metadata, Risk, ToolFacts};
use crate::input_schema::InputSchema;
use crate::json::{Kind, Tree, View};

/// How deep a tool's definition may be nested: what readers of JSON commonly take.
const MAX_DEPTH: usize = 128;

/// The tools of one server, by name.
#[derive(Debug, Default)]
pub struct Inventory {
    tools: BTreeMap<String, ToolFacts>,
}

/// An inventory that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// The text is no JSON, or JSON that can be understood in two ways.
    #[error("an inventory is JSON in which no member is twice")]
    Json,
    /// There is no list of tools.
    #[error("an inventory is an object with an array `tools`")]
    Tools,
    /// One of the tools cannot be read.
    #[error("tool {index} of the inventory: {reason}")]
    Tool {
        /// Position in the list, from zero.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Inventory {
    /// Reads `{"tools": [{"name", "inputSchema", "annotations", "category", "risk", "state"}]}`; all but `name` may be
    /// absent, other members are not looked at. Changed tools count as quarantined.
    ///
    /// # Errors
    /// The first thing that cannot be understood.
    pub fn parse(text: &str) -> Result<Self, InventoryError> {
        let tree = Tree::parse_unambiguous(text).ok_or(InventoryError::Json)?;
        let Some(Kind::Array(tools)) = tree.root().member("tools").map(View::kind) else {
            return Err(InventoryError::Tools);
        };
        let mut inventory = Inventory::default();
        for (index, tool) in tools.enumerate() {
            let (name, facts) = read_tool(tool).map_err(|reason| InventoryError::Tool { index, reason })?;
            if inventory.tools.insert(name, facts).is_some() {
                return Err(InventoryError::Tool { index, reason: "the name is there twice" });
            }
        }
        Ok(inventory)
    }

    /// Adds a tool, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, facts: ToolFacts) {
        self.tools.insert(name.into(), facts);
    }

    /// What is known of a tool.
    pub fn get(&self, name: &str) -> Option<&ToolFacts> {
        self.tools.get(name)
    }

    /// All tools, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ToolFacts)> {
        self.tools.iter().map(|(name, facts)| (name.as_str(), facts))
    }
}

fn read_tool(tool: View<'_>) -> Result<(String, ToolFacts), &'static str> {
    if tool.is_deeper_than(MAX_DEPTH) {
        return Err("the definition is nested more than 128 deep");
    }
    let name = tool.member("name").and_then(View::as_str).ok_or("`name` is a string")?;
    let word = |member: &str| match tool.member(member).map(|value| (value.kind(), value.as_str())) {
        None | Some((Kind::Null, _)) => Ok(None),
        Some((_, Some(text))) => Ok(Some(text)),
        Some(_) => Err("`category`, `risk` and `state` are strings"),
    };
    let category = word("category")?.map(str::parse::<Category>).transpose().map_err(|_| "no such category")?;
    let risk = word("risk")?.map(str::parse::<Risk>).transpose().map_err(|_| "no such risk")?;
    let is_quarantined = match word("state")? {
        None | Some("accepted") => false,
        Some("changed") => true,
        Some(_) => return Err("`state` is `accepted` or `changed`"),
    };
    let annotations = match tool.member("annotations") {
        None => Metadata::empty(),
        Some(value) if matches!(value.kind(), Kind::Null) => Metadata::empty(),
        Some(value) => Metadata::parse(&value.to_compact_json()).map_err(|_| "`annotations` is an object")?,
    };
    let input_schema = match tool.member("inputSchema") {
        None => None,
        Some(value) if matches!(value.kind(), Kind::Null) => None,
        Some(value) => Some(InputSchema::new(value.to_compact_json())),
    };
    Ok((
        name.to_owned(),
        ToolFacts { category, risk, annotations, input_schema, is_quarantined, is_changed: is_quarantined },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        // The tool and its schema are two more.
        format!(r#"{{"tools":[{{"name":"t","inputSchema":{{"enum":{open}{close}}}}}]}}"#)
    }

    #[test]
    fn definition_nested_at_most_128_deep_is_read() {
        assert!(Inventory::parse(&nested(126)).is_ok());
        for depth in [127, 200_000] {
            let error = Inventory::parse(&nested(depth)).expect_err("too deep");
            assert_eq!(error.to_string(), "tool 0 of the inventory: the definition is nested more than 128 deep");
        }
    }
}
