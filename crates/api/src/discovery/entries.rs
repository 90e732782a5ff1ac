//! The lists of a server beside that of its tools.

use std::collections::HashSet;

use ostiary_model::EntryKind;
use serde_json::Value;

use super::cursor::Cursor;
use super::exchange::{Exchange, Reply};
use super::{DiscoveredEntry, DiscoveryError, ListReading};

/// Longest key of an entry, in bytes.
const MAX_KEY: usize = 2048;
/// The code with which a server says that it has no such list.
const METHOD_NOT_FOUND: i64 = -32601;

/// How a list is asked for, and what its entries go by.
struct Wire {
    capability: &'static str,
    method: &'static str,
    member: &'static str,
    key: &'static str,
}

const fn wire(kind: EntryKind) -> Wire {
    match kind {
        EntryKind::Resource => {
            Wire { capability: "resources", method: "resources/list", member: "resources", key: "uri" }
        }
        EntryKind::ResourceTemplate => Wire {
            capability: "resources",
            method: "resources/templates/list",
            member: "resourceTemplates",
            key: "uriTemplate",
        },
        EntryKind::Prompt => Wire { capability: "prompts", method: "prompts/list", member: "prompts", key: "name" },
    }
}

/// Reads every page of a list, when the server's capabilities say that there is one.
pub(super) async fn read<P, F>(
    exchange: &mut Exchange<P>,
    capabilities: Option<&Value>,
    kind: EntryKind,
    max_entries: usize,
    max_pages: usize,
) -> ListReading
where
    P: Fn(http::HeaderMap, String) -> F,
    F: Future<Output = Result<reqwest::Response, reqwest::Error>>,
{
    let wire = wire(kind);
    if capabilities.and_then(|capabilities| capabilities.get(wire.capability)).is_none() {
        return ListReading::NotOffered;
    }
    let (mut entries, mut cursor) = (Entries::new(max_entries), Cursor::new(max_pages));
    loop {
        let params = match cursor.next_params() {
            Ok(Some(params)) => params,
            Ok(None) => return ListReading::Read(entries.entries),
            Err(error) => return ListReading::Failed(error),
        };
        let taken = match exchange.request(wire.method, params).await {
            Ok(Reply::Result(mut page)) => entries.take(&mut page, &wire).and_then(|()| cursor.take(&page)),
            // Servers say that they have resources, and have no templates of them.
            Ok(Reply::Error { code: METHOD_NOT_FOUND, .. }) => return ListReading::NotOffered,
            Ok(Reply::Error { .. }) => Err(DiscoveryError::Garbage { reason: "it refuses to list" }),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            return ListReading::Failed(error);
        }
    }
}

/// Collects entries, each key once.
struct Entries {
    entries: Vec<DiscoveredEntry>,
    keys: HashSet<String>,
    max: usize,
}

impl Entries {
    fn new(max: usize) -> Self {
        Self { entries: Vec::new(), keys: HashSet::new(), max }
    }

    fn take(&mut self, page: &mut Value, wire: &Wire) -> Result<(), DiscoveryError> {
        let garbage = |reason| DiscoveryError::Garbage { reason };
        let Some(Value::Array(found)) = page.get_mut(wire.member).map(Value::take) else {
            return Err(garbage("a list of it is none"));
        };
        for definition in found {
            let key = definition.get(wire.key).and_then(Value::as_str).filter(|key| !key.is_empty());
            let key = key.ok_or(garbage("an entry of a list is called nothing"))?.to_owned();
            if key.len() > MAX_KEY {
                return Err(garbage("an entry of a list is called something too long"));
            }
            // Whichever of two is read, it is asked for by the same key.
            if self.keys.insert(key.clone()) {
                self.entries.push(DiscoveredEntry { key, definition });
            }
        }
        if self.entries.len() > self.max { Err(garbage("a list of it is too long")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_taken_once_by_their_key() {
        let mut entries = Entries::new(10);
        let wire = wire(EntryKind::Resource);
        let mut page = json!({"resources": [{"uri": "a", "x": 1}, {"uri": "b"}, {"uri": "a", "x": 2}]});
        entries.take(&mut page, &wire).expect("a page");
        let keys: Vec<&str> = entries.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!(entries.entries[0].definition, json!({"uri": "a", "x": 1}));
    }

    #[test]
    fn entries_that_break_the_rules_are_garbage() {
        let wire = wire(EntryKind::Prompt);
        for page in [
            json!({}),
            json!({"prompts": {}}),
            json!({"prompts": [{}]}),
            json!({"prompts": [{"name": ""}]}),
            json!({"prompts": [{"name": "x".repeat(2049)}]}),
            json!({"prompts": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}),
        ] {
            let taken = Entries::new(2).take(&mut page.clone(), &wire);
            assert!(matches!(taken, Err(DiscoveryError::Garbage { .. })), "{page}");
        }
    }
}
