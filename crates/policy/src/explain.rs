//! What each step of an evaluation said, for people who try a policy out.

use serde::Serialize;

use crate::call::{Arguments, Call, Subject};
use crate::decision::{Denial, Evaluation, RulePointer};
use crate::evaluate::{ToolCall, prompt, resource};
use crate::judge;
use crate::limit::LimitPlan;
use crate::program::{Body, Comparison, Condition, Group, Program, RuleSet, Rules, Side};
use crate::resolve::Scene;
use crate::truth::Truth;

/// All steps of one evaluation. Holds names and truth values, never a value of an argument.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// In the order of the language's page, up to and with the one that decided.
    pub steps: Vec<TraceStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceStep {
    /// Its number on the language's page; zero where a step has none there.
    pub step: u8,
    /// What it asks.
    pub name: &'static str,
    /// What it answered.
    pub verdict: Verdict,
    /// The element that decided.
    pub rule: Option<RulePointer>,
    /// Why, where the call does not pass.
    pub message: Option<String>,
    /// What it looked at.
    pub seen: Vec<Seen>,
}

/// What a step answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The call goes on.
    Passed,
    /// The call is denied here.
    Denied,
    /// A person must approve the call.
    NeedsApproval,
    /// Counters decide.
    Metered,
}

/// A group, comparison or limit that a step looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// Where it stands in the document.
    pub rule: RulePointer,
    /// What it is: an operator and paths, or a counter.
    pub what: String,
    /// What was found; `None` for what only counters can tell.
    pub truth: Option<Truth>,
}

impl Program {
    /// Evaluates a call and tells of each step. Decides exactly as [`Program::evaluate`] does.
    pub fn explain(&self, call: &Call<'_>) -> Trace {
        let mut trace = Trace { steps: Vec::new() };
        match (&self.body, call.subject) {
            (Body::Rules(rules), Subject::Tool { name, facts }) => {
                trace.explain_tool(&ToolCall::new(rules, call, name, facts), rules);
            }
            (Body::Rules(rules), Subject::Resource { uri }) => {
                trace.step(0, "resources", resource(rules, uri), Vec::new());
            }
            (Body::Rules(rules), Subject::Prompt { name }) => {
                trace.step(0, "prompts", prompt(rules, name), Vec::new());
            }
            (Body::Broken(reason), _) => {
                trace.step(0, "policy", Some(Denial::unreadable(reason)), Vec::new());
            }
        }
        let passes = trace.steps.iter().all(|step| step.verdict != Verdict::Denied);
        if passes && !matches!(call.subject, Subject::Tool { .. }) && !matches!(call.arguments, Arguments::Absent) {
            let denial = match self.evaluate(call) {
                Evaluation::Denied(denial) => Some(denial),
                Evaluation::Proceed(_) => None,
            };
            trace.step(6, "ambiguous arguments", denial, Vec::new());
        }
        trace
    }
}

impl Trace {
    /// Notes a step and returns whether the call goes on.
    fn step(&mut self, step: u8, name: &'static str, denial: Option<Denial>, seen: Vec<Seen>) -> bool {
        let verdict = if denial.is_some() { Verdict::Denied } else { Verdict::Passed };
        let (rule, message) = denial.map_or((None, None), |denial| (denial.rule, Some(denial.message)));
        self.steps.push(TraceStep { step, name, verdict, rule, message, seen });
        verdict == Verdict::Passed
    }

    fn explain_tool(&mut self, call: &ToolCall<'_, '_>, rules: &Rules) {
        let sets = call.applicable.sets.as_slice();
        let matched = sets.iter().map(|set| Seen {
            rule: set.pointer.clone(),
            what: "applies".to_owned(),
            truth: Some(Truth::True),
        });
        let goes_on = self.step(1, "hidden", call.hidden(), matched.collect())
            && self.step(2, "default", call.unlisted(), Vec::new())
            && self.step(3, "inventory", call.unknown(), Vec::new())
            && self.step(4, "action", call.denied(), Vec::new())
            && self.step(5, "quarantine", call.quarantined(), Vec::new());
        if !goes_on {
            return;
        }
        let scene = call.scene();
        let ambiguous = scene.is_none().then(Denial::ambiguous);
        self.step(6, "ambiguous arguments", ambiguous, Vec::new());
        let Some(scene) = scene else { return };
        let goes_on = self.step(7, "argument schema", call.invalid_arguments(), Vec::new())
            && self.step(8, "require", call.unmet_requirement(&scene), seen(sets, |set| &set.require, &scene))
            && self.step(9, "deny_if", call.denied_if(&scene), seen(sets, |set| &set.deny_if, &scene));
        if !goes_on {
            return;
        }
        let need = call.approval(&scene);
        let verdict = if need.is_some() { Verdict::NeedsApproval } else { Verdict::Passed };
        let (rule, message) = need.map_or((None, None), |need| (Some(need.rule.clone()), Some(need.denial().message)));
        let looked_at = seen(sets, |set| &set.approve_if, &scene);
        self.steps.push(TraceStep { step: 10, name: "approval", verdict, rule, message, seen: looked_at });
        match call.limits(&scene) {
            Ok(plan) => self.limits(&plan),
            Err(denial) => {
                self.step(11, "limits", Some(denial), limits_of(sets, rules));
            }
        }
    }

    fn limits(&mut self, plan: &LimitPlan) {
        let seen = plan.limits.iter().filter_map(|limit| {
            let charge = plan.charges.get(limit.charge)?;
            let what = format!(
                "adds {} to the counter `{}`",
                crate::Amount::from_micros(charge.total_micros()),
                charge.counter.name
            );
            // The amount comes from an argument, so only the count of calls is told.
            let what = if charge.amount_micros > 0 {
                format!("adds an amount to the counter `{}`", charge.counter.name)
            } else {
                what
            };
            Some(Seen { rule: limit.rule.clone(), what, truth: None })
        });
        let seen = seen.collect();
        let verdict = if plan.is_empty() { Verdict::Passed } else { Verdict::Metered };
        self.steps.push(TraceStep { step: 11, name: "limits", verdict, rule: None, message: None, seen });
    }
}

fn limits_of(sets: &[&RuleSet], rules: &Rules) -> Vec<Seen> {
    let limits = sets.iter().flat_map(|set| &set.limits);
    let seen = limits.filter_map(|limit| {
        let counter = rules.counters.get(limit.counter)?;
        Some(Seen { rule: limit.pointer.clone(), what: format!("counter `{}`", counter.name), truth: None })
    });
    seen.collect()
}

/// The groups of one kind with all their comparisons.
fn seen<'p>(sets: &[&'p RuleSet], groups: impl Fn(&'p RuleSet) -> &'p Vec<Group>, scene: &Scene<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for group in sets.iter().flat_map(|set| groups(set)) {
        seen.push(Seen {
            rule: group.pointer.clone(),
            what: "group".to_owned(),
            truth: Some(judge::group(group, scene)),
        });
        let conditions = group.pointer.join("conditions");
        for (index, condition) in group.conditions.iter().enumerate() {
            look(condition, &conditions.join(&index.to_string()), scene, &mut seen);
        }
    }
    seen
}

fn look(condition: &Condition, at: &RulePointer, scene: &Scene<'_>, seen: &mut Vec<Seen>) {
    let what = match condition {
        Condition::Any(_) => "any".to_owned(),
        Condition::All(_) => "all".to_owned(),
        Condition::Not(_) => "not".to_owned(),
        Condition::Comparison(comparison) => describe(comparison),
    };
    seen.push(Seen { rule: at.clone(), what: what.clone(), truth: Some(judge::condition(condition, scene)) });
    match condition {
        Condition::Any(parts) | Condition::All(parts) => {
            let parts_at = at.join(&what);
            for (index, part) in parts.iter().enumerate() {
                look(part, &parts_at.join(&index.to_string()), scene, seen);
            }
        }
        Condition::Not(part) => look(part, &at.join("not"), scene, seen),
        Condition::Comparison(_) => {}
    }
}

fn describe(comparison: &Comparison) -> String {
    let (path, operator) = (&comparison.path, comparison.operator.as_str());
    match &comparison.operand {
        Side::Constant(_) => format!("{path} {operator}"),
        Side::Path(other) => format!("{path} {operator} {other}"),
    }
}
