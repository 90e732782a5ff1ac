//! What is different between an inventory and what was accepted of it.
//!
//! At most one change of a tool is open. It leads from the accepted definition to the present one, so it grows with the
//! tool, and is gone when the tool goes back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use ostiary_mcp::canonical::nameless_fingerprint;
use ostiary_model::tool_change::ToolChangeKind;
use ostiary_model::{AccountId, ServerId, Tool, ToolChange, ToolChangeId};
use serde_json::Value;

/// What is to be written of the open changes.
#[derive(Debug, Default, PartialEq)]
pub struct Edits {
    /// Added, or replaced.
    pub put: Vec<ToolChange>,
    /// Settled by themselves.
    pub delete: Vec<ToolChangeId>,
}

/// Both sides of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The account.
    pub account_id: AccountId,
    /// The server.
    pub server_id: ServerId,
    /// The tools that are remembered, those that are gone included.
    pub known: &'a [Tool],
    /// The changes of them that nobody has reviewed.
    pub open: &'a [ToolChange],
    /// The tools that were seen.
    pub seen: &'a [Tool],
    /// Whether that is all of them: then the others are gone.
    pub is_complete: bool,
    /// When.
    pub now: DateTime<Utc>,
}

impl Comparison<'_> {
    /// What is different now.
    #[must_use]
    pub fn edits(&self) -> Edits {
        let known: BTreeMap<&str, &Tool> = self.known.iter().map(|tool| (tool.name.as_str(), tool)).collect();
        let open: BTreeMap<&str, &ToolChange> = self
            .open
            .iter()
            .filter(|change| change.kind != ToolChangeKind::Instructions)
            .map(|change| (change.tool.as_str(), change))
            .collect();
        let mut edits = Edits::default();
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for tool in self.seen {
            let change = open.get(tool.name.as_str()).copied();
            match known.get(tool.name.as_str()) {
                None => added.push(tool),
                Some(known) if known.fingerprint == tool.fingerprint && known.gone_at.is_none() => {}
                Some(known) => match self.changed(known, change, tool) {
                    Some(changed) => edits.put.push(changed),
                    None => edits.delete.extend(change.map(|change| change.id)),
                },
            }
        }
        if self.is_complete {
            let seen: BTreeSet<&str> = self.seen.iter().map(|tool| tool.name.as_str()).collect();
            let gone = self.known.iter().filter(|tool| tool.gone_at.is_none() && !seen.contains(tool.name.as_str()));
            for tool in gone {
                match open.get(tool.name.as_str()) {
                    // Nobody has seen it come, nobody needs to see it go.
                    Some(change) if change.kind == ToolChangeKind::Added => edits.delete.push(change.id),
                    change => removed.push((tool, change.copied())),
                }
            }
        }
        self.pair(added, removed, &mut edits);
        edits
    }

    /// A tool that is known under its name: what leads from the accepted definition to this one, if anything does.
    fn changed(&self, known: &Tool, open: Option<&ToolChange>, tool: &Tool) -> Option<ToolChange> {
        let is_accepted = known.accepted_fingerprint == tool.fingerprint;
        // An addition or a new name stays what it is to who has not seen it, as long as it is the one first seen.
        let is_new = open.is_some_and(|open| matches!(open.kind, ToolChangeKind::Added | ToolChangeKind::Renamed));
        if is_accepted && !is_new {
            return None;
        }
        let start = open.filter(|open| open.kind != ToolChangeKind::Added && open.before.is_some());
        let (before, category_before) = match start {
            Some(open) => (open.before.clone(), open.category_before),
            None => (Some(known.definition.clone()), Some(known.computed_category)),
        };
        if let Some(open) = open.filter(|_| is_accepted) {
            let after = Some(tool.definition.clone());
            return Some(ToolChange { after, category_after: Some(tool.computed_category), ..open.clone() });
        }
        Some(ToolChange {
            before,
            category_before,
            after: Some(tool.definition.clone()),
            category_after: Some(tool.computed_category),
            previous_name: None,
            ..self.change(open, ToolChangeKind::Changed, &tool.name)
        })
    }

    /// Tools that came and tools that went: the same definition under another name is one and the same tool.
    fn pair(&self, added: Vec<&Tool>, removed: Vec<(&Tool, Option<&ToolChange>)>, edits: &mut Edits) {
        let mut went: BTreeMap<[u8; 32], Vec<(&Tool, Option<&ToolChange>)>> = BTreeMap::new();
        for (tool, open) in removed {
            went.entry(nameless_fingerprint(&tool.definition)).or_default().push((tool, open));
        }
        for tool in added {
            let renamed = went.get_mut(&nameless_fingerprint(&tool.definition)).and_then(Vec::pop);
            let change = match renamed {
                Some((from, open)) => ToolChange {
                    previous_name: Some(from.name.clone()),
                    before: Some(from.definition.clone()),
                    category_before: Some(from.computed_category),
                    ..self.change(open, ToolChangeKind::Renamed, &tool.name)
                },
                None => self.change(None, ToolChangeKind::Added, &tool.name),
            };
            edits.put.push(ToolChange {
                after: Some(tool.definition.clone()),
                category_after: Some(tool.computed_category),
                ..change
            });
        }
        for (tool, open) in went.into_values().flatten() {
            let before = open.and_then(|open| open.before.clone()).unwrap_or_else(|| tool.definition.clone());
            edits.put.push(ToolChange {
                before: Some(before),
                category_before: open.and_then(|open| open.category_before).or(Some(tool.computed_category)),
                ..self.change(open, ToolChangeKind::Removed, &tool.name)
            });
        }
    }

    /// What is to be written of the server's instructions to agents.
    #[must_use]
    pub fn instructions(&self, known: Option<&str>, seen: Option<&str>) -> Edits {
        let open = self.open.iter().find(|change| change.kind == ToolChangeKind::Instructions);
        let text = |text: Option<&str>| text.map(|text| Value::String(text.to_owned()));
        let before = open.map_or_else(|| text(known), |open| open.before.clone());
        let after = text(seen);
        match open {
            Some(open) if before == after => Edits { delete: vec![open.id], ..Edits::default() },
            _ if known == seen => Edits::default(),
            open => {
                let change = self.change(open, ToolChangeKind::Instructions, "");
                Edits { put: vec![ToolChange { before, after, ..change }], delete: Vec::new() }
            }
        }
    }

    /// A change without sides, under the id of the open one.
    fn change(&self, open: Option<&ToolChange>, kind: ToolChangeKind, tool: &str) -> ToolChange {
        ToolChange {
            id: open.map_or_else(ToolChangeId::generate, |open| open.id),
            account_id: self.account_id,
            server_id: self.server_id,
            kind,
            tool: tool.to_owned(),
            previous_name: None,
            before: None,
            after: None,
            category_before: None,
            category_after: None,
            detected_at: self.now,
            review: None,
        }
    }
}

#[cfg(test)]
mod tests;
