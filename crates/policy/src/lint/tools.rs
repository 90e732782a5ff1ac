//! Tools of the inventory that the document leaves open.

use super::{Linter, Place, each_comparison_of};
use crate::decision::RulePointer;
use crate::diagnostic::DiagnosticCode;
use crate::document::{Action, DefaultAction, RuleSet};
use crate::facts::{Category, Risk, ToolFacts};
use crate::inventory::Inventory;

/// How many names a message tells.
const NAMES: usize = 5;

impl<'d> Linter<'d> {
    pub(super) fn tools(&mut self, inventory: &Inventory) {
        let mut unreviewed: Vec<&str> = Vec::new();
        for (name, facts) in inventory.iter() {
            let sets = self.applying(name, facts);
            let is_listed = sets.iter().any(|place| !matches!(place.reach, super::Reach::All));
            if self.is_shut(name, is_listed, &sets) {
                continue;
            }
            // A rule was written for what the tool was before it changed.
            if !is_listed || facts.is_changed {
                unreviewed.push(name);
            }
            let pointer = sets.first().map_or_else(|| RulePointer::from("/default"), Place::pointer);
            if matches!(facts.category, Some(Category::Destructive | Category::Financial))
                && !sets.iter().any(is_metered)
            {
                let message = format!("`{name}` destroys or pays, and is allowed without limit or approval");
                self.warn(DiagnosticCode::UnguardedTool, &pointer, message);
            }
            if facts.risk == Some(Risk::Critical) && !sets.iter().any(is_metered) && is_guarded_by_claims_only(&sets) {
                let message = format!(
                    "only what the agent or the server claims of itself guards `{name}`, whose risk is critical"
                );
                self.warn(DiagnosticCode::ClaimOnlyGuard, &pointer, message);
            }
        }
        if self.document.default == DefaultAction::Allow && !unreviewed.is_empty() {
            let names: Vec<String> = unreviewed.iter().take(NAMES).map(|name| format!("`{name}`")).collect();
            let more = if unreviewed.len() > NAMES { " and others" } else { "" };
            let message = format!(
                "tools are allowed that no rule lists, or that changed since they were accepted: {}{more}",
                names.join(", ")
            );
            self.warn(DiagnosticCode::UnreviewedTools, &RulePointer::from("/default"), message);
        }
    }

    fn applying(&self, name: &str, facts: &ToolFacts) -> Vec<Place<'d>> {
        self.places().into_iter().filter(|place| place.applies_to(name, facts)).collect()
    }

    fn is_shut(&self, name: &str, is_listed: bool, sets: &[Place<'_>]) -> bool {
        let is_hidden = self.document.hide.iter().flatten().any(|pattern| pattern.matches(name));
        is_hidden
            || (!is_listed && self.document.default == DefaultAction::Deny)
            || sets.iter().any(|place| matches!(place.rule_set.action, Some(Action::Deny | Action::Hide)))
    }
}

/// Whether the rule set has a limit, or asks a person in some case.
fn is_metered(place: &Place<'_>) -> bool {
    let RuleSet { action, approve_if, limits, rate_limit, .. } = place.rule_set;
    *action == Some(Action::RequireApproval)
        || approve_if.as_ref().is_some_and(|groups| !groups.is_empty())
        || limits.as_ref().is_some_and(|limits| !limits.is_empty())
        || rate_limit.is_some()
}

/// Whether there are comparisons, and none of them looks at anything but claims.
fn is_guarded_by_claims_only(sets: &[Place<'_>]) -> bool {
    let (mut claims, mut others) = (0_usize, 0_usize);
    for (pointer, group) in sets.iter().flat_map(Place::groups) {
        each_comparison_of(group, &pointer, &mut |comparison, _, _| {
            let count = if comparison.path.is_claim() { &mut claims } else { &mut others };
            *count = count.saturating_add(1);
        });
    }
    claims > 0 && others == 0
}
