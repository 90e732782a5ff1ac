//! The pages of `tools/list`.

use std::collections::HashSet;

use serde_json::Value;

use super::cursor::Cursor;
use super::{DiscoveredTool, DiscoveryError};

/// Longest name of a tool, in bytes.
const MAX_NAME: usize = 256;

/// Collects pages until the last one.
#[derive(Debug)]
pub(super) struct Pages {
    tools: Vec<DiscoveredTool>,
    names: HashSet<String>,
    cursor: Cursor,
    max_tools: usize,
}

impl Pages {
    pub(super) fn new(max_tools: usize, max_pages: usize) -> Self {
        Self { tools: Vec::new(), names: HashSet::new(), cursor: Cursor::new(max_pages), max_tools }
    }

    /// The parameters of the next request; none after the last page.
    pub(super) fn next_params(&mut self) -> Result<Option<Value>, DiscoveryError> {
        self.cursor.next_params()
    }

    /// Takes a page.
    pub(super) fn take(&mut self, mut page: Value) -> Result<(), DiscoveryError> {
        let garbage = |reason| DiscoveryError::Garbage { reason };
        let Some(Value::Array(tools)) = page.get_mut("tools").map(Value::take) else {
            return Err(garbage("its list of tools is none"));
        };
        for definition in tools {
            let name = definition.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
            let name = name.ok_or(garbage("a tool has no name"))?.to_owned();
            if name.len() > MAX_NAME {
                return Err(garbage("the name of a tool is too long"));
            }
            // Which of the two an agent would call is anybody's guess.
            if !self.names.insert(name.clone()) {
                return Err(garbage("two tools have the same name"));
            }
            self.tools.push(DiscoveredTool { name, definition });
        }
        if self.tools.len() > self.max_tools {
            return Err(garbage("it has too many tools"));
        }
        self.cursor.take(&page)
    }

    /// Everything that was collected.
    pub(super) fn into_tools(self) -> Vec<DiscoveredTool> {
        self.tools
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_are_collected_to_the_last() {
        let mut pages = Pages::new(10, 10);
        assert_eq!(pages.next_params(), Ok(Some(json!({}))));
        pages.take(json!({"tools": [{"name": "a", "x": 1}], "nextCursor": "c"})).expect("a page");
        assert_eq!(pages.next_params(), Ok(Some(json!({"cursor": "c"}))));
        pages.take(json!({"tools": [{"name": "b"}]})).expect("a page");
        assert_eq!(pages.next_params(), Ok(None));
        let tools = pages.into_tools();
        assert_eq!(tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(tools[0].definition, json!({"name": "a", "x": 1}));
    }

    #[rstest]
    #[case(json!({}))]
    #[case(json!({"tools": {}}))]
    #[case(json!({"tools": [{}]}))]
    #[case(json!({"tools": [{"name": ""}]}))]
    #[case(json!({"tools": ["x"]}))]
    #[case(json!({"tools": [{"name": "a"}, {"name": "a"}]}))]
    #[case(json!({"tools": [], "nextCursor": 1}))]
    #[case(json!({"tools": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}))]
    #[case(json!({"tools": [{"name": "x".repeat(257)}]}))]
    fn page_that_breaks_the_rules_is_garbage(#[case] page: Value) {
        let result = Pages::new(2, 10).take(page);
        assert!(matches!(result, Err(DiscoveryError::Garbage { .. })), "{result:?}");
    }

    #[test]
    fn pages_that_do_not_end_are_garbage() {
        let mut pages = Pages::new(10, 2);
        pages.take(json!({"tools": [], "nextCursor": "c"})).expect("a page");
        assert!(pages.take(json!({"tools": [], "nextCursor": "c"})).is_err(), "the same cursor again");
        let mut pages = Pages::new(10, 1);
        assert!(pages.next_params().is_ok());
        pages.take(json!({"tools": [], "nextCursor": "c"})).expect("a page");
        assert!(pages.next_params().is_err(), "one page more than allowed");
    }
}
