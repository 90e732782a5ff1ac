//! What a document becomes to be evaluated: patterns indexed, expressions built, pointers written out.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use crate::decision::RulePointer;
use crate::document::{Action, DefaultAction, Quantifier};
use crate::facts::{Category, ToolFacts};
use crate::limit::{Counter, WindowName};
use crate::operator::{Operand, Operator};
use crate::path::Path;
use crate::pattern::PatternIndex;
use crate::truth::Truth;

/// A compiled policy. Immutable: one is shared by all calls of all grants that are bound to its version.
#[derive(Debug)]
pub struct Program {
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    Rules(Box<Rules>),
    /// A stored policy that could not be read, and why.
    Broken(String),
}

impl Program {
    /// A program that denies everything with `policy_unreadable`: what a stored policy becomes that no longer parses.
    /// The reason is shown to agents and logged; it must not hold the document's text.
    pub fn broken(reason: &str) -> Program {
        Program { body: Body::Broken(reason.to_owned()) }
    }
}

/// The rules of a document.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) default: DefaultAction,
    pub(crate) zone: Tz,
    /// The document's `validate_arguments`, where it is true.
    pub(crate) validates: bool,
    pub(crate) hide: PatternIndex,
    /// The rule sets of `tools`, exact names first, then globs, each in byte order: the order of reporting.
    pub(crate) tools: Vec<RuleSet>,
    pub(crate) tool_index: PatternIndex,
    /// By `Category::ALL`'s order.
    pub(crate) categories: [Option<RuleSet>; Category::ALL.len()],
    pub(crate) all_tools: RuleSet,
    pub(crate) resources: Option<Access>,
    pub(crate) prompts: Option<Access>,
    /// Every counter of the document once; limits name them by index, so that comparing them costs nothing.
    pub(crate) counters: Vec<Arc<Counter>>,
    /// The different amounts of the document.
    pub(crate) amounts: Vec<Path>,
}

/// The rule sets that apply to one tool, in the order of reporting.
#[derive(Debug)]
pub(crate) struct Applicable<'p> {
    pub(crate) sets: Vec<&'p RuleSet>,
    /// Whether a pattern or the category lists the tool.
    pub(crate) is_listed: bool,
}

impl Rules {
    pub(crate) fn applicable(&self, name: &str, facts: Option<&ToolFacts>) -> Applicable<'_> {
        let mut positions: Vec<usize> = Vec::new();
        self.tool_index.each_match(name, |position| positions.push(position));
        positions.sort_unstable();
        let mut sets: Vec<&RuleSet> = Vec::with_capacity(positions.len().saturating_add(2));
        sets.extend(positions.iter().filter_map(|position| self.tools.get(*position)));
        let category = facts.and_then(|facts| facts.category);
        sets.extend(category.and_then(|category| self.category(category)));
        let is_listed = !sets.is_empty();
        sets.push(&self.all_tools);
        Applicable { sets, is_listed }
    }

    fn category(&self, category: Category) -> Option<&RuleSet> {
        let position = Category::ALL.iter().position(|known| *known == category)?;
        self.categories.get(position)?.as_ref()
    }
}

/// One compiled rule set.
#[derive(Debug)]
pub(crate) struct RuleSet {
    pub(crate) pointer: RulePointer,
    pub(crate) action: Action,
    pub(crate) action_pointer: RulePointer,
    pub(crate) reason: Option<Arc<str>>,
    pub(crate) validates: Option<bool>,
    pub(crate) require: Vec<Group>,
    pub(crate) deny_if: Vec<Group>,
    pub(crate) approve_if: Vec<Group>,
    pub(crate) expires_in: Duration,
    pub(crate) wait: Duration,
    pub(crate) limits: Vec<Limit>,
    /// Whether any condition or amount looks at the call's arguments.
    pub(crate) looks_at_arguments: bool,
}

/// One compiled group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) pointer: RulePointer,
    pub(crate) on_deny: Option<Arc<str>>,
    pub(crate) conditions: Vec<Condition>,
}

/// One compiled condition.
#[derive(Debug)]
pub(crate) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Comparison(Comparison),
}

/// A comparison with everything resolved that the document leaves to defaults.
#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) path: Path,
    pub(crate) operator: Operator,
    pub(crate) operand: Side,
    pub(crate) quantifier: Quantifier,
    pub(crate) on_missing: Truth,
}

/// The other side of a comparison.
#[derive(Debug)]
pub(crate) enum Side {
    Constant(Arc<Operand>),
    Path(Path),
}

/// One compiled limit.
#[derive(Debug)]
pub(crate) struct Limit {
    /// Index into [`Rules::counters`].
    pub(crate) counter: usize,
    /// Index into [`Rules::amounts`]; `None` for one per call.
    pub(crate) amount: Option<usize>,
    pub(crate) max_micros: u64,
    pub(crate) pointer: RulePointer,
    pub(crate) on_deny: Option<Arc<str>>,
    pub(crate) window: WindowName,
}

/// What is allowed and denied of resources or prompts.
#[derive(Debug)]
pub(crate) struct Access {
    /// The inner default and where it stands.
    pub(crate) default: Option<DefaultAction>,
    pub(crate) allow: PatternIndex,
    pub(crate) deny: PatternIndex,
    pub(crate) has_denials: bool,
}
