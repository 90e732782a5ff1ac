//! Finds the values that a path leads to.

use std::cell::OnceCell;
use std::ops::ControlFlow;

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use crate::call::{Call, Subject};
use crate::datum::Datum;
use crate::facts::{Category, Metadata, Risk};
use crate::json::{Items, Kind, Tree, View};
use crate::path::{Path, Root, Step};

/// What a path finds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'v> {
    /// A value that is not `null`.
    Value(Datum<'v>),
    /// A member or an index that is not there, or `null` at the end.
    Missing,
    /// A step that met another type.
    OtherType,
}

/// Everything that paths of one call may look at.
#[derive(Debug)]
pub(crate) struct Scene<'c> {
    call: &'c Call<'c>,
    zone: Tz,
    /// The decoded arguments; an empty object where no rule looks at them.
    arguments: Tree<'c>,
    local: OnceCell<DateTime<Tz>>,
    date: OnceCell<String>,
}

const HOURS: [&str; 24] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
    "21", "22", "23",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl<'c> Scene<'c> {
    pub(crate) fn new(call: &'c Call<'c>, zone: Tz, arguments: Tree<'c>) -> Self {
        Scene { call, zone, arguments, local: OnceCell::new(), date: OnceCell::new() }
    }

    /// The one value of a path without `[*]`.
    pub(crate) fn one(&self, path: &Path) -> Found<'_> {
        let mut found = Found::Missing;
        self.each(path, |value| {
            found = value;
            ControlFlow::Break(())
        });
        found
    }

    /// Calls `visit` with each value that the path yields, until it breaks.
    pub(crate) fn each<'v>(&'v self, path: &Path, visit: impl FnMut(Found<'v>) -> ControlFlow<()>) {
        let call = self.call;
        let facts = match call.subject {
            Subject::Tool { facts, .. } => facts,
            Subject::Resource { .. } | Subject::Prompt { .. } => None,
        };
        let text = match path.root {
            Root::Arguments => return walk(self.arguments.root(), &path.steps, visit),
            Root::GrantMetadata => {
                return walk_optional(call.grant.metadata.map(Metadata::root), path, visit);
            }
            Root::ToolAnnotations => return walk_optional(facts.map(|facts| facts.annotations.root()), path, visit),
            Root::GrantId => call.grant.id,
            Root::GrantLabel => call.grant.label,
            Root::ClientName => call.client.name,
            Root::ClientVersion => call.client.version,
            Root::ToolName => match call.subject {
                Subject::Tool { name, .. } => Some(name),
                Subject::Resource { .. } | Subject::Prompt { .. } => None,
            },
            Root::ToolCategory => facts.and_then(|facts| facts.category).map(Category::as_str),
            Root::ToolRisk => facts.and_then(|facts| facts.risk).map(Risk::as_str),
            Root::ServerSlug => call.server_slug,
            Root::TimeHour => return one(self.hour().map(Datum::Number), visit),
            Root::TimeWeekday => self.weekday(),
            Root::TimeDate => Some(self.date()),
        };
        one(text.map(Datum::Text), visit);
    }

    fn local(&self) -> &DateTime<Tz> {
        self.local.get_or_init(|| self.call.now.with_timezone(&self.zone))
    }

    fn hour(&self) -> Option<&'static str> {
        HOURS.get(usize::try_from(self.local().hour()).ok()?).copied()
    }

    fn weekday(&self) -> Option<&'static str> {
        WEEKDAYS.get(usize::try_from(self.local().weekday().num_days_from_monday()).ok()?).copied()
    }

    fn date(&self) -> &str {
        self.date.get_or_init(|| self.local().format("%Y-%m-%d").to_string())
    }
}

fn one<'v>(value: Option<Datum<'v>>, mut visit: impl FnMut(Found<'v>) -> ControlFlow<()>) {
    // There is nothing behind the only value to break off.
    let _ = visit(value.map_or(Found::Missing, Found::Value));
}

fn walk_optional<'v>(root: Option<View<'v>>, path: &Path, mut visit: impl FnMut(Found<'v>) -> ControlFlow<()>) {
    match root {
        Some(root) => walk(root, &path.steps, visit),
        None => {
            let _ = visit(Found::Missing);
        }
    }
}

/// Walks down, and sideways at each `[*]`, without recursion: a path may have any number of steps.
fn walk<'v>(root: View<'v>, steps: &[Step], mut visit: impl FnMut(Found<'v>) -> ControlFlow<()>) {
    let mut open: Vec<(Items<'v>, usize)> = Vec::new();
    let mut next = Some((root, 0_usize));
    loop {
        if let Some((view, from)) = next.take() {
            match descend(view, steps, from) {
                Descent::End(found) => {
                    if visit(found).is_break() {
                        return;
                    }
                }
                Descent::Each(items, behind) => open.push((items, behind)),
            }
        }
        let Some((items, behind)) = open.last_mut() else { return };
        match items.next() {
            Some(item) => next = Some((item, *behind)),
            None => drop(open.pop()),
        }
    }
}

enum Descent<'v> {
    End(Found<'v>),
    /// The elements of an array, and the step behind its `[*]`.
    Each(Items<'v>, usize),
}

fn descend<'v>(mut view: View<'v>, steps: &[Step], from: usize) -> Descent<'v> {
    for (position, step) in steps.iter().enumerate().skip(from) {
        let inside = match (step, view.kind()) {
            (Step::Member(name), Kind::Object(_)) => view.member(name),
            (Step::Index(index), Kind::Array(mut items)) => items.nth(*index),
            (Step::Each, Kind::Array(items)) => return Descent::Each(items, position.saturating_add(1)),
            _ => return Descent::End(Found::OtherType),
        };
        match inside {
            Some(inside) => view = inside,
            None => return Descent::End(Found::Missing),
        }
    }
    Descent::End(match Datum::from(view) {
        Datum::Null => Found::Missing,
        value => Found::Value(value),
    })
}
