//! One tool call, step by step.

mod plan;

use std::sync::Arc;

use crate::call::{Arguments, Call};
use crate::decision::{ApprovalNeed, Denial, DenialCode, Evaluation, Proceed, RulePointer};
use crate::document::{Action, DefaultAction};
use crate::facts::ToolFacts;
use crate::json::{self, Tree};
use crate::judge;
use crate::limit::LimitPlan;
use crate::program::{Applicable, Group, RuleSet, Rules};
use crate::resolve::Scene;
use crate::truth::Truth;

/// A tool call and the rule sets that apply to it.
#[derive(Debug)]
pub(crate) struct ToolCall<'p, 'c> {
    rules: &'p Rules,
    call: &'c Call<'c>,
    name: &'c str,
    facts: Option<&'c ToolFacts>,
    pub(crate) applicable: Applicable<'p>,
}

impl<'p, 'c> ToolCall<'p, 'c> {
    pub(crate) fn new(rules: &'p Rules, call: &'c Call<'c>, name: &'c str, facts: Option<&'c ToolFacts>) -> Self {
        ToolCall { rules, call, name, facts, applicable: rules.applicable(name, facts) }
    }

    pub(crate) fn evaluate(&self) -> Evaluation {
        let before_arguments = self
            .hidden()
            .or_else(|| self.unlisted())
            .or_else(|| self.unknown())
            .or_else(|| self.denied())
            .or_else(|| self.quarantined());
        if let Some(denial) = before_arguments {
            return Evaluation::Denied(denial);
        }
        let Some(scene) = self.scene() else { return Evaluation::Denied(Denial::ambiguous()) };
        let by_arguments =
            self.invalid_arguments().or_else(|| self.unmet_requirement(&scene)).or_else(|| self.denied_if(&scene));
        match by_arguments {
            Some(denial) => Evaluation::Denied(denial),
            None => Evaluation::Proceed(Proceed { approval: self.approval(&scene), limits: self.limits(&scene) }),
        }
    }

    fn sets(&self) -> impl Iterator<Item = &'p RuleSet> {
        self.applicable.sets.iter().copied()
    }

    fn first_with(&self, action: Action) -> Option<&'p RuleSet> {
        self.sets().find(|set| set.action == action)
    }

    /// Step 1.
    pub(crate) fn hidden(&self) -> Option<Denial> {
        let deny = |rule, reason: Option<&Arc<str>>| {
            let message = reason.map_or("the tool is hidden; use a tool that the list shows", |text| text);
            Denial::new(DenialCode::Hidden, Some(rule), message)
        };
        if let Some(position) = self.rules.hide.first_match(self.name) {
            return Some(deny(RulePointer::from("/hide").join(&position.to_string()), None));
        }
        self.first_with(Action::Hide).map(|set| deny(set.action_pointer.clone(), set.reason.as_ref()))
    }

    /// Step 2.
    pub(crate) fn unlisted(&self) -> Option<Denial> {
        (!self.applicable.is_listed && self.rules.default == DefaultAction::Deny).then(|| {
            let message = "the policy does not list this tool, and denies what it does not list";
            Denial::new(DenialCode::DefaultDeny, Some(RulePointer::from("/default")), message)
        })
    }

    /// Step 3.
    pub(crate) fn unknown(&self) -> Option<Denial> {
        let message = "the server has no such tool; use a tool that the list shows";
        self.facts.is_none().then(|| Denial::new(DenialCode::UnknownTool, None, message))
    }

    /// Step 4.
    pub(crate) fn denied(&self) -> Option<Denial> {
        self.first_with(Action::Deny).map(|set| {
            let message = set.reason.as_deref().unwrap_or("the policy denies this tool; use another one");
            Denial::new(DenialCode::Denied, Some(set.action_pointer.clone()), message)
        })
    }

    /// Step 5.
    pub(crate) fn quarantined(&self) -> Option<Denial> {
        let message = "the tool has changed since it was accepted; a person must accept the change first";
        let is_quarantined = self.facts.is_some_and(|facts| facts.is_quarantined);
        is_quarantined.then(|| Denial::new(DenialCode::ToolQuarantined, None, message))
    }

    /// Step 6: what conditions may look at, or `None` where the call is ambiguous. Arguments that no applicable rule
    /// looks at are scanned and not decoded.
    pub(crate) fn scene(&self) -> Option<Scene<'c>> {
        let arguments = match self.call.arguments {
            Arguments::Ambiguous => return None,
            Arguments::Json(text) if self.sets().any(|set| set.looks_at_arguments) => Tree::parse_unambiguous(text)?,
            Arguments::Json(text) if !json::is_unambiguous(text) => return None,
            Arguments::Json(_) | Arguments::Absent => Tree::empty_object(),
        };
        Some(Scene::new(self.call, self.rules.zone, arguments))
    }

    /// The member that asks for arguments to be checked against the tool's schema, if they are to be.
    fn validation(&self) -> Option<RulePointer> {
        if let Some(set) = self.sets().find(|set| set.validates == Some(true)) {
            return Some(set.pointer.join("validate_arguments"));
        }
        let is_off = self.sets().any(|set| set.validates == Some(false));
        (!is_off && self.rules.validates).then(|| RulePointer::from("/validate_arguments"))
    }

    /// Step 7. A tool without a schema takes anything.
    pub(crate) fn invalid_arguments(&self) -> Option<Denial> {
        let schema = self.facts?.input_schema.as_ref()?;
        let rule = self.validation()?;
        let text = match self.call.arguments {
            Arguments::Json(text) => text,
            Arguments::Absent | Arguments::Ambiguous => "{}",
        };
        let error = schema.validate(text).err()?;
        Some(Denial::new(DenialCode::InvalidArguments, Some(rule), error.to_string()))
    }

    /// Step 8.
    pub(crate) fn unmet_requirement(&self, scene: &Scene<'_>) -> Option<Denial> {
        let unmet = |group: &&Group| judge::group(group, scene) != Truth::True;
        let group = self.sets().flat_map(|set| &set.require).find(unmet)?;
        let message =
            group.on_deny.as_deref().unwrap_or("the arguments do not meet a requirement of the policy; change them");
        Some(Denial::new(DenialCode::Require, Some(group.pointer.clone()), message))
    }

    /// Step 9.
    pub(crate) fn denied_if(&self, scene: &Scene<'_>) -> Option<Denial> {
        let group =
            self.sets().flat_map(|set| &set.deny_if).find(|group| judge::group(group, scene) != Truth::False)?;
        let message = group.on_deny.as_deref().unwrap_or("the policy denies calls with such arguments; change them");
        Some(Denial::new(DenialCode::DenyIf, Some(group.pointer.clone()), message))
    }

    /// Step 10. Of several rule sets that ask, the first is named and the shortest times count.
    pub(crate) fn approval(&self, scene: &Scene<'_>) -> Option<ApprovalNeed> {
        let mut need: Option<ApprovalNeed> = None;
        for set in self.sets() {
            let (rule, message) = if set.action == Action::RequireApproval {
                (&set.action_pointer, &set.reason)
            } else if let Some(group) = set.approve_if.iter().find(|group| judge::group(group, scene) != Truth::False) {
                (&group.pointer, &group.on_deny)
            } else {
                continue;
            };
            let asked = need.get_or_insert_with(|| ApprovalNeed {
                rule: rule.clone(),
                message: message.clone(),
                expires_in: set.expires_in,
                wait: set.wait,
            });
            asked.expires_in = asked.expires_in.min(set.expires_in);
            asked.wait = asked.wait.min(set.wait);
        }
        need
    }

    /// Step 11, as far as it needs no counter.
    pub(crate) fn limits(&self, scene: &Scene<'_>) -> Result<LimitPlan, Denial> {
        plan::plan(self.rules, &self.applicable.sets, scene, self.call.now)
    }
}
