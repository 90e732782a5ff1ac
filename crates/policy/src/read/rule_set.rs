//! Reads rule sets and groups.

use super::Reader;
use super::place::Place;
use crate::document::{Action, ApprovalTerms, Group, RuleSet};
use crate::json::Kind;

impl<'t> Reader {
    pub(super) fn rule_set(&mut self, place: &Place<'_, 't>) -> Option<RuleSet> {
        const MEMBERS: &[&str] = &[
            "action",
            "reason",
            "validate_arguments",
            "require",
            "deny_if",
            "approve_if",
            "approval",
            "limits",
            "rate_limit",
        ];
        self.object(place, MEMBERS)?;
        Some(RuleSet {
            action: place.get("action").and_then(|place| self.action(&place)),
            reason: place.get("reason").and_then(|place| self.string(&place)).map(str::to_owned),
            validate_arguments: place.get("validate_arguments").and_then(|place| self.boolean(&place)),
            require: place.get("require").and_then(|place| self.list(&place, Self::group)),
            deny_if: place.get("deny_if").and_then(|place| self.list(&place, Self::group)),
            approve_if: place.get("approve_if").and_then(|place| self.list(&place, Self::group)),
            approval: place.get("approval").and_then(|place| self.approval(&place)),
            limits: place.get("limits").and_then(|place| self.list(&place, Self::limit)),
            rate_limit: place.get("rate_limit").and_then(|place| self.rate_limit(&place)),
        })
    }

    fn action(&mut self, place: &Place<'_, 't>) -> Option<Action> {
        let words = [
            ("allow", Action::Allow),
            ("deny", Action::Deny),
            ("hide", Action::Hide),
            ("require_approval", Action::RequireApproval),
        ];
        self.word(place, &words)
    }

    fn approval(&mut self, place: &Place<'_, 't>) -> Option<ApprovalTerms> {
        self.object(place, &["expires_in", "wait"])?;
        Some(ApprovalTerms {
            expires_in: place.get("expires_in").and_then(|place| self.seconds(&place, 60, 604_800)),
            wait: place.get("wait").and_then(|place| self.seconds(&place, 0, 300)),
        })
    }

    /// Whole seconds in a range.
    pub(super) fn seconds(&mut self, place: &Place<'_, 't>, least: u64, most: u64) -> Option<u64> {
        let Kind::Number(text) = place.view.kind() else {
            self.wrong_type(place, "a whole number of seconds");
            return None;
        };
        let seconds = crate::decimal::Decimal::parse(text).to_u64().filter(|seconds| (least..=most).contains(seconds));
        if seconds.is_none() {
            self.invalid(place, format!("whole seconds from {least} to {most} are expected here"));
        }
        seconds
    }

    fn group(&mut self, place: &Place<'_, 't>) -> Option<Group> {
        self.object(place, &["conditions", "on_deny"])?;
        let quantifiable = super::comparison::Surroundings::default();
        let conditions = self
            .required(place, "conditions")
            .and_then(|place| self.list(&place, |reader, place| reader.condition(place, quantifiable)));
        let on_deny = place.get("on_deny").and_then(|place| self.string(&place)).map(str::to_owned);
        conditions.map(|conditions| Group { conditions, on_deny })
    }
}
