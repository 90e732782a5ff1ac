//! Reads conditions.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::Reader;
use super::place::Place;
use crate::datum::Datum;
use crate::diagnostic::DiagnosticCode;
use crate::document::{Comparison, Condition, Constant, OnMissing, Operation, Quantifier};
use crate::json::Kind;
use crate::operator::{Operand, Operator};
use crate::path::Path;

/// How deep `any`, `all` and `not` may be nested.
const MAX_DEPTH: usize = 32;

/// What stands around a condition.
#[derive(Clone, Copy, Default)]
pub(super) struct Surroundings {
    depth: usize,
    is_under_not: bool,
}

impl<'t> Reader {
    pub(super) fn condition(&mut self, place: &Place<'_, 't>, around: Surroundings) -> Option<Condition> {
        if !matches!(place.view.kind(), Kind::Object(_)) {
            self.wrong_type(place, "an object");
            return None;
        }
        let Some(word) = ["any", "all", "not"].into_iter().find(|word| place.view.member(word).is_some()) else {
            return self.comparison(place, around).map(Condition::Comparison);
        };
        if around.depth >= MAX_DEPTH {
            self.error(place, DiagnosticCode::TooDeep, format!("conditions are nested at most {MAX_DEPTH} deep"));
            return None;
        }
        self.object(place, &[word])?;
        let parts = place.get(word)?;
        let inside =
            Surroundings { depth: around.depth.saturating_add(1), is_under_not: around.is_under_not || word == "not" };
        if word == "not" {
            let not = Box::new(self.condition(&parts, inside)?);
            return Some(Condition::Not { not });
        }
        let conditions = self.list(&parts, |reader, place| reader.condition(place, inside))?;
        let is_empty = |items: crate::json::Items<'_>| items.count() == 0;
        if matches!(parts.view.kind(), Kind::Array(items) if is_empty(items)) {
            self.invalid(&parts, format!("`{word}` is not empty"));
        }
        Some(if word == "any" { Condition::Any { any: conditions } } else { Condition::All { all: conditions } })
    }

    fn comparison(&mut self, place: &Place<'_, 't>, around: Surroundings) -> Option<Comparison> {
        self.object(place, &["path", "op", "value", "value_path", "on_missing", "quantifier"])?;
        let path = self.required(place, "path").and_then(|place| self.path(&place));
        let op = self.required(place, "op").and_then(|place| self.operator(&place));
        let operation = self.operation(place, op);
        let on_missing = place.get("on_missing").and_then(|place| self.on_missing(&place, op));
        let quantifier = place
            .get("quantifier")
            .and_then(|place| self.word(&place, &[("any", Quantifier::Any), ("all", Quantifier::All)]));
        if let (Some(path), Some(at)) = (&path, place.get("path"))
            && around.is_under_not
            && path.has_wildcard()
            && place.get("quantifier").is_none()
        {
            let message = "under a `not`, `[*]` needs a `quantifier`: `any` or `all`";
            self.error(&at, DiagnosticCode::QuantifierRequired, message);
        }
        Some(Comparison { path: path?, op: op?, operation: operation?, on_missing, quantifier })
    }

    pub(super) fn path(&mut self, place: &Place<'_, 't>) -> Option<Path> {
        match Path::parse(self.string(place)?) {
            Ok(path) => Some(path),
            Err(error) => {
                self.error(place, DiagnosticCode::InvalidPath, error.to_string());
                None
            }
        }
    }

    /// A path that yields one value.
    pub(super) fn single_path(&mut self, place: &Place<'_, 't>) -> Option<Path> {
        let path = self.path(place)?;
        if path.has_wildcard() {
            self.error(place, DiagnosticCode::InvalidPath, "`[*]` is not possible here");
            return None;
        }
        Some(path)
    }

    fn operator(&mut self, place: &Place<'_, 't>) -> Option<Operator> {
        let text = self.string(place)?;
        let operator = Operator::parse(text);
        if operator.is_none() {
            self.error(place, DiagnosticCode::UnknownOperator, format!("`{}` is no operator", super::shortened(text)));
        }
        operator
    }

    fn on_missing(&mut self, place: &Place<'_, 't>, op: Option<Operator>) -> Option<OnMissing> {
        if op == Some(Operator::Exists) {
            self.invalid(place, "`exists` asks whether a value is missing and takes no `on_missing`");
            return None;
        }
        self.word(place, &[("true", OnMissing::True), ("false", OnMissing::False), ("error", OnMissing::Error)])
    }

    fn operation(&mut self, place: &Place<'_, 't>, op: Option<Operator>) -> Option<Operation> {
        match (place.get("value"), place.get("value_path")) {
            (Some(_), Some(_)) => {
                self.invalid(place, "`value` and `value_path` exclude each other");
                None
            }
            (None, None) => {
                let takes_path = op.is_none_or(Operator::takes_value_path);
                let names = if takes_path { "`value` or `value_path`" } else { "`value`" };
                self.error(place, DiagnosticCode::MissingMember, format!("{names} is missing"));
                None
            }
            (Some(value), None) => self.constant(&value, op?).map(Operation::Constant),
            (None, Some(path)) => {
                let parsed = self.single_path(&path);
                if let Some(op) = op.filter(|op| !op.takes_value_path()) {
                    self.invalid(&path, format!("`{}` takes no `value_path`", op.as_str()));
                    return None;
                }
                parsed.map(Operation::Path)
            }
        }
    }

    fn constant(&mut self, place: &Place<'_, 't>, op: Operator) -> Option<Constant> {
        match Operand::new(op, Datum::from(place.view)) {
            Ok(operand) => {
                let text = RawValue::from_string(place.view.to_compact_json()).ok()?;
                Some(Constant { text, operand: Arc::new(operand) })
            }
            Err(errors) => {
                for error in errors {
                    let item = match (error.index, place.view.kind()) {
                        (Some(index), Kind::Array(mut items)) => items.nth(index).map(|item| place.item(index, item)),
                        _ => None,
                    };
                    self.error(item.as_ref().unwrap_or(place), error.code, error.message);
                }
                None
            }
        }
    }
}
