//! Document to program.

use std::sync::Arc;
use std::time::Duration;

use crate::decimal::MICROS;
use crate::decision::RulePointer;
use crate::document::{self, Action, Align, Document, OnMissing, Operation, Quantifier, WindowSpan};
use crate::facts::Category;
use crate::limit::{Concurrent, Counter, Scope, WindowName};
use crate::operator::Operator;
use crate::path::{Path, Root};
use crate::pattern::{Pattern, PatternIndex};
use crate::program::{Access, Body, Comparison, Condition, Group, Limit, Program, RuleSet, Rules, Side};
use crate::truth::Truth;
use crate::window::{CalendarUnit, Window};

const DEFAULT_EXPIRES_IN_S: u64 = 900;
const DEFAULT_WAIT_S: u64 = 30;

impl Document {
    /// Makes the document ready for calls. Whatever could fail was checked when it was parsed.
    pub fn compile(&self) -> Program {
        let mut compiler = Compiler { document: self, counters: Vec::new(), amounts: Vec::new() };
        let root = RulePointer::from("");
        let tools_at = root.join("tools");
        let mut tools: Vec<(&Pattern, &document::RuleSet)> = self.tools.iter().flatten().collect();
        // The map is in byte order already; the sort is stable.
        tools.sort_by_key(|(pattern, _)| !pattern.is_exact());
        let categories_at = root.join("categories");
        let categories = Category::ALL.to_vec().into_iter().map(|category| {
            let rule_set = self.categories.as_ref()?.get(&category)?;
            Some(compiler.rule_set(rule_set, categories_at.join(category.as_str())))
        });
        let mut categories = categories.collect::<Vec<_>>().into_iter();
        let rules = Rules {
            default: self.default,
            zone: self.zone(),
            validates: self.validate_arguments.unwrap_or(false),
            hide: PatternIndex::new(self.hide.iter().flatten()),
            tool_index: PatternIndex::new(tools.iter().map(|(pattern, _)| *pattern)),
            tools: tools
                .iter()
                .map(|(pattern, rule_set)| compiler.rule_set(rule_set, tools_at.join(pattern.as_str())))
                .collect(),
            categories: std::array::from_fn(|_| categories.next().flatten()),
            all_tools: compiler.rule_set(&self.all_tools.clone().unwrap_or_default(), root.join("all_tools")),
            resources: self.resources.as_ref().map(access),
            prompts: self.prompts.as_ref().map(access),
            counters: compiler.counters,
            amounts: compiler.amounts,
        };
        Program { body: Body::Rules(Box::new(rules)) }
    }
}

fn access(list: &document::AccessList) -> Access {
    Access {
        default: list.default,
        allow: PatternIndex::new(list.allow.iter().flatten()),
        deny: PatternIndex::new(list.deny.iter().flatten()),
        has_denials: list.deny.as_ref().is_some_and(|deny| !deny.is_empty()),
    }
}

struct Compiler<'d> {
    document: &'d Document,
    counters: Vec<Arc<Counter>>,
    amounts: Vec<Path>,
}

impl Compiler<'_> {
    fn rule_set(&mut self, written: &document::RuleSet, pointer: RulePointer) -> RuleSet {
        let groups = |member: &str, groups: &Option<Vec<document::Group>>, quantifier| {
            let at = pointer.join(member);
            let groups = groups.iter().flatten().enumerate();
            groups.map(|(index, written)| group(written, at.join(&index.to_string()), quantifier)).collect::<Vec<_>>()
        };
        let require = groups("require", &written.require, Quantifier::All);
        let deny_if = groups("deny_if", &written.deny_if, Quantifier::Any);
        let approve_if = groups("approve_if", &written.approve_if, Quantifier::Any);
        let limits = self.limits(written, &pointer);
        let all_groups = require.iter().chain(&deny_if).chain(&approve_if);
        let amounts = limits.iter().filter_map(|limit| self.amounts.get(limit.amount?));
        let looks_at_arguments = all_groups.flat_map(|group| &group.conditions).any(looks_at_arguments)
            || amounts.into_iter().any(|path| path.root == Root::Arguments);
        let terms = written.approval;
        let seconds = |value: Option<u64>, default| Duration::from_secs(value.unwrap_or(default));
        RuleSet {
            action: written.action.unwrap_or(Action::Allow),
            action_pointer: pointer.join("action"),
            reason: written.reason.as_deref().map(Arc::from),
            validates: written.validate_arguments,
            require,
            deny_if,
            approve_if,
            expires_in: seconds(terms.and_then(|terms| terms.expires_in), DEFAULT_EXPIRES_IN_S),
            wait: seconds(terms.and_then(|terms| terms.wait), DEFAULT_WAIT_S),
            limits,
            looks_at_arguments,
            pointer,
        }
    }

    fn limits(&mut self, written: &document::RuleSet, pointer: &RulePointer) -> Vec<Limit> {
        let at = pointer.join("limits");
        let mut limits: Vec<Limit> = Vec::new();
        for (index, limit) in written.limits.iter().flatten().enumerate() {
            limits.push(self.limit(limit, at.join(&index.to_string())));
        }
        if let Some(rate) = &written.rate_limit {
            let pointer = pointer.join("rate_limit");
            // A colon is in no counter's name that a document may write.
            let name = format!("rate_limit:{pointer}");
            let counter = self.counter(&name, Scope::Grant, self.window(rate.window, None));
            let (max_micros, window) = (rate.max.micros, window_name(rate.window));
            limits.push(Limit { counter, amount: None, max_micros, pointer, on_deny: None, window });
        }
        limits
    }

    fn limit(&mut self, limit: &document::Limit, pointer: RulePointer) -> Limit {
        match limit {
            document::Limit::Concurrent(limit) => Limit {
                counter: self.counter(&limit.counter, limit.scope.unwrap_or(Scope::Grant), Window::Concurrent),
                amount: None,
                max_micros: limit.concurrent.saturating_mul(MICROS),
                pointer,
                on_deny: limit.on_deny.as_deref().map(Arc::from),
                window: WindowName::Concurrent(Concurrent::Concurrent),
            },
            document::Limit::Window(limit) => Limit {
                counter: self.counter(
                    &limit.counter,
                    limit.scope.unwrap_or(Scope::Grant),
                    self.window(limit.window, limit.align),
                ),
                amount: limit.amount.as_ref().map(|path| self.amount(path)),
                max_micros: limit.max.micros,
                pointer,
                on_deny: limit.on_deny.as_deref().map(Arc::from),
                window: window_name(limit.window),
            },
        }
    }

    fn window(&self, span: WindowSpan, align: Option<Align>) -> Window {
        let zone = self.document.zone();
        match (span, align) {
            (WindowSpan::Named(unit), Some(Align::Calendar)) | (WindowSpan::Named(unit @ CalendarUnit::Month), _) => {
                Window::Calendar { unit, zone }
            }
            (WindowSpan::Named(unit), _) => Window::Sliding { ms: unit.seconds().unwrap_or(1).saturating_mul(1000) },
            (WindowSpan::Seconds(seconds), _) => Window::Sliding { ms: seconds.saturating_mul(1000) },
        }
    }

    fn counter(&mut self, name: &str, scope: Scope, window: Window) -> usize {
        let counter = Counter { name: name.into(), scope, window };
        match self.counters.iter().position(|known| **known == counter) {
            Some(position) => position,
            None => {
                self.counters.push(Arc::new(counter));
                self.counters.len().saturating_sub(1)
            }
        }
    }

    fn amount(&mut self, path: &Path) -> usize {
        match self.amounts.iter().position(|known| known.is_same_place(path)) {
            Some(position) => position,
            None => {
                self.amounts.push(path.clone());
                self.amounts.len().saturating_sub(1)
            }
        }
    }
}

fn window_name(span: WindowSpan) -> WindowName {
    match span {
        WindowSpan::Named(unit) => WindowName::Named(unit),
        WindowSpan::Seconds(seconds) => WindowName::Seconds(seconds),
    }
}

fn group(written: &document::Group, pointer: RulePointer, quantifier: Quantifier) -> Group {
    Group {
        pointer,
        on_deny: written.on_deny.as_deref().map(Arc::from),
        conditions: written.conditions.iter().map(|written| condition(written, quantifier, false)).collect(),
    }
}

/// `is_odd` tells whether an odd number of `not` stands around the condition.
fn condition(written: &document::Condition, quantifier: Quantifier, is_odd: bool) -> Condition {
    let each = |parts: &[document::Condition]| parts.iter().map(|part| condition(part, quantifier, is_odd)).collect();
    match written {
        document::Condition::Any { any } => Condition::Any(each(any)),
        document::Condition::All { all } => Condition::All(each(all)),
        document::Condition::Not { not } => Condition::Not(Box::new(condition(not, quantifier, !is_odd))),
        document::Condition::Comparison(written) => {
            let on_missing = match written.on_missing {
                Some(OnMissing::True) => Truth::True,
                Some(OnMissing::False) => Truth::False,
                Some(OnMissing::Error) => Truth::Indeterminate,
                None if written.op == Operator::Exists => Truth::False,
                None if written.op.is_negated() || is_odd => Truth::Indeterminate,
                None => Truth::False,
            };
            Condition::Comparison(Comparison {
                path: written.path.clone(),
                operator: written.op,
                operand: match &written.operation {
                    Operation::Constant(constant) => Side::Constant(Arc::clone(&constant.operand)),
                    Operation::Path(path) => Side::Path(path.clone()),
                },
                quantifier: written.quantifier.unwrap_or(quantifier),
                on_missing,
            })
        }
    }
}

fn looks_at_arguments(condition: &Condition) -> bool {
    match condition {
        Condition::Any(parts) | Condition::All(parts) => parts.iter().any(looks_at_arguments),
        Condition::Not(part) => looks_at_arguments(part),
        Condition::Comparison(comparison) => {
            comparison.path.root == Root::Arguments
                || matches!(&comparison.operand, Side::Path(path) if path.root == Root::Arguments)
        }
    }
}
