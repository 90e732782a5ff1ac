//! A server as a source describes it.

use ostiary_api::ops::catalogue::imported;
use ostiary_mcp::canonical::fingerprint;
use ostiary_model::catalogue::CatalogueTool;
use serde_json::{Value, json};

/// Most bytes of a name in an address.
const SLUG_MAX: usize = 60;

/// Most tools of a server, as of one that is registered.
pub(super) const TOOLS_MAX: usize = 10_000;

/// A server of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::command::catalogue) struct Entry {
    /// `npm:@acme/server`, or the URL of an endpoint.
    pub(in crate::command::catalogue) key: String,
    pub(in crate::command::catalogue) name: String,
    pub(in crate::command::catalogue) description: Option<String>,
    pub(in crate::command::catalogue) version: Option<String>,
    pub(in crate::command::catalogue) url: Option<String>,
    pub(in crate::command::catalogue) repository: Option<String>,
    /// Definitions of its tools; none when the source does not have them.
    pub(in crate::command::catalogue) tools: Option<Vec<Value>>,
}

impl Entry {
    /// A hash of all of it, by which an import of the same is told from a change.
    pub(super) fn hash(&self) -> [u8; 32] {
        fingerprint(&json!([
            self.name,
            self.description,
            self.version,
            self.url,
            self.repository,
            self.tools,
            env!("CARGO_PKG_VERSION"),
        ]))
    }

    /// Its tools, classified; what is left out is told to `skip`.
    pub(super) fn classified(&mut self, mut skip: impl FnMut(&str, &'static str)) -> Vec<CatalogueTool> {
        let mut tools: Vec<CatalogueTool> = Vec::new();
        let mut names = std::collections::HashSet::new();
        for definition in self.tools.take().into_iter().flatten() {
            if tools.len() == TOOLS_MAX {
                skip(&self.key, "more tools than a server may have");
                break;
            }
            let Some(tool) = imported(&self.name, definition) else {
                skip(&self.key, "a tool without a name that can be shown");
                continue;
            };
            if names.insert(tool.name.clone()) {
                tools.push(tool);
            } else {
                skip(&tool.name, "a second tool of the same name");
            }
        }
        tools
    }

    /// What its page may be called: letters and digits of its name.
    pub(super) fn slug(&self) -> String {
        let mut slug = String::new();
        for c in self.name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() >= SLUG_MAX {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() { "server".to_owned() } else { slug.to_owned() }
    }

    /// A few characters of the key's hash, for a slug that is taken.
    pub(super) fn suffix(&self) -> String {
        let hash = fingerprint(&Value::String(self.key.clone()));
        hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_is_made_of_letters_and_digits() {
        for (name, slug) in [("@acme/mcp-Pay", "acme-mcp-pay"), ("Ünïcode!!", "n-code"), ("***", "server")] {
            assert_eq!(Entry { name: name.to_owned(), ..Entry::default() }.slug(), slug);
        }
    }
}
