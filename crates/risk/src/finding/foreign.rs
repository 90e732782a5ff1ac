//! Tools of other servers: named in a text, or standing under the same name.

use std::collections::HashSet;

use super::texts::Text;
use super::{Finding, FindingCode, FindingSeverity, Surroundings};
use crate::Definition;

/// What a tool has to do with other servers' tools.
pub(super) fn find(definition: &Definition<'_>, texts: &[Text<'_>], surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if surroundings.foreign_tools.contains(&definition.name) {
        findings.push(Finding {
            code: FindingCode::DuplicateName,
            severity: FindingSeverity::Low,
            place: "name".to_owned(),
            message: "Another server has a tool of this name; a model may take one for the other.".to_owned(),
        });
    }
    let own: HashSet<&str> = surroundings.own_tools.iter().copied().chain([definition.name]).collect();
    // A name that is a plain word stands in many texts.
    let foreign: HashSet<&str> =
        surroundings.foreign_tools.iter().copied().filter(|name| is_name(name) && !own.contains(name)).collect();
    if foreign.is_empty() {
        return findings;
    }
    for text in texts.iter().filter(|text| text.place.ends_with("description") || text.place == "title") {
        let named = text
            .text
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .find(|word| foreign.contains(word));
        if let Some(name) = named {
            findings.push(Finding {
                code: FindingCode::ForeignTool,
                severity: FindingSeverity::High,
                place: text.place.clone(),
                message: format!("It speaks of `{name}`, which is a tool of another server."),
            });
        }
    }
    findings
}

/// Whether the name is unlike any word of a text.
fn is_name(name: &str) -> bool {
    let has_hump = name.chars().zip(name.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    name.len() >= 5 && (name.contains('_') || has_hump)
}
