//! Rule sets that cannot do what they say.

use super::{Linter, Place, Reach};
use crate::diagnostic::DiagnosticCode;
use crate::document::{Action, Limit, RuleSet};
use crate::limit::Scope;

impl Linter<'_> {
    pub(super) fn rule_sets(&mut self) {
        for place in self.places() {
            let pointer = place.pointer();
            if is_shut(place.rule_set) && has_rules(place.rule_set) {
                let message = "the rules here never decide: `action` denies or hides the tool before they are asked";
                self.warn(DiagnosticCode::DeadRule, &pointer, message);
            } else if decides(place.rule_set) && self.is_shut_elsewhere(&place) {
                let message = "the rules here never decide: the tool is hidden or denied by another rule";
                self.warn(DiagnosticCode::DeadRule, &pointer, message);
            }
            if matches!(place.reach, Reach::Tools(_)) && self.has_session_limits_only(&place) {
                let message = "all limits here have scope `session`, and an agent opens sessions at will";
                self.warn(DiagnosticCode::SessionOnlyLimits, &pointer, message);
            }
        }
    }

    /// Whether every tool that the rule set can apply to is hidden or denied by something else.
    fn is_shut_elsewhere(&self, place: &Place<'_>) -> bool {
        let document = self.document;
        let shut_for_all = document.all_tools.as_ref().is_some_and(is_shut) && !matches!(place.reach, Reach::All);
        let is_hidden = |name: &str| document.hide.iter().flatten().any(|pattern| pattern.matches(name));
        let is_shut_by_name = |name: &str| {
            self.places().iter().any(|other| match other.reach {
                Reach::Tools(pattern) => is_shut(other.rule_set) && pattern.matches(name),
                Reach::Category(_) | Reach::All => false,
            })
        };
        if shut_for_all {
            return true;
        }
        if let Reach::Tools(pattern) = place.reach
            && pattern.is_exact()
            && (is_hidden(pattern.as_str()) || (!is_shut(place.rule_set) && is_shut_by_name(pattern.as_str())))
        {
            return true;
        }
        let Some(inventory) = self.inventory else { return false };
        let mut reached = inventory.iter().filter(|(name, facts)| place.applies_to(name, facts)).peekable();
        reached.peek().is_some()
            && reached.all(|(name, facts)| {
                is_hidden(name)
                    || self.places().iter().any(|other| {
                        !std::ptr::eq(other.rule_set, place.rule_set)
                            && is_shut(other.rule_set)
                            && other.applies_to(name, facts)
                    })
            })
    }

    fn has_session_limits_only(&self, place: &Place<'_>) -> bool {
        if place.rule_set.limits.iter().flatten().next().is_none() {
            return false;
        }
        let Reach::Tools(pattern) = place.reach else { return false };
        // What else surely applies: the rule sets of all tools and, to one name, of the globs that match it.
        let mut applying = self.places().into_iter().filter(|other| match other.reach {
            Reach::All => true,
            Reach::Tools(other) => other == pattern || (pattern.is_exact() && other.matches(pattern.as_str())),
            Reach::Category(_) => false,
        });
        applying.all(|other| {
            other.rule_set.rate_limit.is_none()
                && other.rule_set.limits.iter().flatten().all(|limit| scope(limit) == Some(Scope::Session))
        })
    }
}

fn scope(limit: &Limit) -> Option<Scope> {
    match limit {
        Limit::Window(limit) => limit.scope,
        Limit::Concurrent(limit) => limit.scope,
    }
}

/// Whether the rule set's action ends every call.
fn is_shut(rule_set: &RuleSet) -> bool {
    matches!(rule_set.action, Some(Action::Deny | Action::Hide))
}

/// Whether the rule set has anything that is asked after its action.
fn has_rules(rule_set: &RuleSet) -> bool {
    let has_groups = |groups: &Option<Vec<_>>| groups.as_ref().is_some_and(|groups| !groups.is_empty());
    has_groups(&rule_set.require)
        || has_groups(&rule_set.deny_if)
        || has_groups(&rule_set.approve_if)
        || rule_set.limits.as_ref().is_some_and(|limits| !limits.is_empty())
        || rule_set.rate_limit.is_some()
}

/// Whether the rule set says anything beyond listing the tool.
fn decides(rule_set: &RuleSet) -> bool {
    has_rules(rule_set) || matches!(rule_set.action, Some(Action::Deny | Action::RequireApproval))
}
