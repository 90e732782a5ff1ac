//! What `deny.toml` says: the lines that are needed here, in the form in which they stand there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Allowed licences, and banned crates with the reason.
#[derive(Debug, Default)]
pub(super) struct Rules {
    licences: BTreeSet<String>,
    bans: BTreeMap<String, String>,
}

impl Rules {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let rules = Self::parse(&text);
        if rules.licences.is_empty() || rules.bans.is_empty() {
            bail!("{} has another form than this check reads", path.display());
        }
        Ok(rules)
    }

    fn parse(text: &str) -> Self {
        let mut rules = Self::default();
        let (mut section, mut list) = ("", "");
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                (section, list) = (name, "");
            } else if let Some(name) = line.strip_suffix(" = [") {
                list = name;
            } else if line == "]" {
                list = "";
            } else {
                let texts: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
                match (section, list, texts.as_slice()) {
                    ("licenses", "allow", [licence]) => drop(rules.licences.insert((*licence).to_owned())),
                    ("bans", "deny", [name, reason]) => {
                        rules.bans.insert((*name).to_owned(), (*reason).to_owned());
                    }
                    _ => {}
                }
            }
        }
        rules
    }

    pub(super) fn allows(&self, licence: &str) -> bool {
        self.licences.contains(licence)
    }

    /// Why a crate is banned, if it is.
    pub(super) fn banned(&self, name: &str) -> Option<&str> {
        self.bans.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_their_lists_only() {
        let text = "[licenses]\nversion = 2\nallow = [\n  \"MIT\",\n]\n[bans]\nwildcards = \"deny\"\n\
                    deny = [\n  { crate = \"ring\", reason = \"one\" },\n]\n";
        let rules = Rules::parse(text);
        assert!(rules.allows("MIT") && !rules.allows("deny"));
        assert_eq!((rules.banned("ring"), rules.banned("other")), (Some("one"), None));
    }
}
