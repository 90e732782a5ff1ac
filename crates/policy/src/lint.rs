//! What a document allows and probably does not mean. Warnings only: a document that parses can be used.

mod arguments;
mod expressions;
mod rule_sets;
#[cfg(test)]
mod tests;
mod tools;

use crate::decision::RulePointer;
use crate::diagnostic::{Diagnostic, DiagnosticCode, Severity};
use crate::document::{Comparison, Condition, Document, Group, RuleSet};
use crate::facts::{Category, ToolFacts};
use crate::inventory::Inventory;
use crate::pattern::Pattern;

/// Finds what is doubtful in a document. Some of it can be seen only with the server's inventory at hand.
pub fn lint(document: &Document, inventory: Option<&Inventory>) -> Vec<Diagnostic> {
    let mut linter = Linter { document, inventory, found: Vec::new() };
    linter.expressions();
    linter.rule_sets();
    if let Some(inventory) = inventory {
        linter.patterns(inventory);
        linter.arguments(inventory);
        linter.tools(inventory);
    }
    linter.found
}

struct Linter<'d> {
    document: &'d Document,
    inventory: Option<&'d Inventory>,
    found: Vec<Diagnostic>,
}

/// A rule set, where it stands and what it applies to.
#[derive(Clone, Copy)]
struct Place<'d> {
    rule_set: &'d RuleSet,
    reach: Reach<'d>,
}

#[derive(Clone, Copy)]
enum Reach<'d> {
    Tools(&'d Pattern),
    Category(Category),
    All,
}

impl<'d> Place<'d> {
    fn pointer(&self) -> RulePointer {
        let root = RulePointer::from("");
        match self.reach {
            Reach::Tools(pattern) => root.join("tools").join(pattern.as_str()),
            Reach::Category(category) => root.join("categories").join(category.as_str()),
            Reach::All => root.join("all_tools"),
        }
    }

    fn applies_to(&self, name: &str, facts: &ToolFacts) -> bool {
        match self.reach {
            Reach::Tools(pattern) => pattern.matches(name),
            Reach::Category(category) => facts.category == Some(category),
            Reach::All => true,
        }
    }

    /// Every group with its pointer.
    fn groups(&self) -> Vec<(RulePointer, &'d Group)> {
        let pointer = self.pointer();
        let rule_set = self.rule_set;
        let kinds =
            [("require", &rule_set.require), ("deny_if", &rule_set.deny_if), ("approve_if", &rule_set.approve_if)];
        let mut groups = Vec::new();
        for (member, of_kind) in kinds {
            let at = pointer.join(member);
            groups.extend(
                of_kind.iter().flatten().enumerate().map(|(index, group)| (at.join(&index.to_string()), group)),
            );
        }
        groups
    }
}

impl<'d> Linter<'d> {
    fn warn(&mut self, code: DiagnosticCode, pointer: &RulePointer, message: impl Into<String>) {
        let (pointer, message) = (pointer.as_str().to_owned(), message.into());
        self.found.push(Diagnostic { severity: Severity::Warning, code, pointer, message, position: None });
    }

    fn places(&self) -> Vec<Place<'d>> {
        let document = self.document;
        let tools =
            document.tools.iter().flatten().map(|(pattern, rule_set)| Place { rule_set, reach: Reach::Tools(pattern) });
        let categories = document.categories.iter().flatten();
        let categories = categories.map(|(category, rule_set)| Place { rule_set, reach: Reach::Category(*category) });
        let all = document.all_tools.iter().map(|rule_set| Place { rule_set, reach: Reach::All });
        tools.chain(categories).chain(all).collect()
    }

    fn patterns(&mut self, inventory: &Inventory) {
        let document = self.document;
        let root = RulePointer::from("");
        let hidden = document.hide.iter().flatten().enumerate();
        let hidden = hidden.map(|(index, pattern)| (root.join("hide").join(&index.to_string()), pattern));
        let listed =
            document.tools.iter().flatten().map(|(pattern, _)| (root.join("tools").join(pattern.as_str()), pattern));
        for (pointer, pattern) in hidden.chain(listed) {
            if !inventory.iter().any(|(name, _)| pattern.matches(name)) {
                self.warn(DiagnosticCode::UnmatchedPattern, &pointer, "the pattern matches no tool of the server");
            }
        }
    }
}

/// Calls `visit` with every comparison below a condition, its pointer, and whether a `not` stands around it.
fn each_comparison<'d>(
    condition: &'d Condition,
    at: &RulePointer,
    is_under_not: bool,
    visit: &mut impl FnMut(&'d Comparison, &RulePointer, bool),
) {
    match condition {
        Condition::Any { any: parts } | Condition::All { all: parts } => {
            let at = at.join(if matches!(condition, Condition::Any { .. }) { "any" } else { "all" });
            for (index, part) in parts.iter().enumerate() {
                each_comparison(part, &at.join(&index.to_string()), is_under_not, visit);
            }
        }
        Condition::Not { not } => each_comparison(not, &at.join("not"), true, visit),
        Condition::Comparison(comparison) => visit(comparison, at, is_under_not),
    }
}

/// The same for every condition of a group.
fn each_comparison_of<'d>(
    group: &'d Group,
    at: &RulePointer,
    visit: &mut impl FnMut(&'d Comparison, &RulePointer, bool),
) {
    let at = at.join("conditions");
    for (index, condition) in group.conditions.iter().enumerate() {
        each_comparison(condition, &at.join(&index.to_string()), false, visit);
    }
}
