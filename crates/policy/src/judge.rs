//! Judges conditions of one call.

use std::ops::ControlFlow;

use crate::document::Quantifier;
use crate::operator::{Operand, Operator};
use crate::program::{Comparison, Condition, Group, Side};
use crate::resolve::{Found, Scene};
use crate::truth::Truth;

/// The AND of a group's conditions.
pub(crate) fn group(group: &Group, scene: &Scene<'_>) -> Truth {
    Truth::all(group.conditions.iter().map(|part| condition(part, scene)))
}

/// At most 32 combinations deep, so recursion is bounded.
pub(crate) fn condition(condition: &Condition, scene: &Scene<'_>) -> Truth {
    match condition {
        Condition::Any(parts) => Truth::any(parts.iter().map(|part| self::condition(part, scene))),
        Condition::All(parts) => Truth::all(parts.iter().map(|part| self::condition(part, scene))),
        Condition::Not(part) => self::condition(part, scene).not(),
        Condition::Comparison(part) => comparison(part, scene),
    }
}

fn comparison(comparison: &Comparison, scene: &Scene<'_>) -> Truth {
    let operator = comparison.operator;
    let found_operand;
    let operand: &Operand = match &comparison.operand {
        Side::Constant(operand) => operand,
        // What a path finds must fit as a constant would; else nothing can be told, whatever stands on the left.
        Side::Path(path) => match scene.one(path) {
            Found::Value(value) => match Operand::new(operator, value) {
                Ok(operand) => {
                    found_operand = operand;
                    &found_operand
                }
                Err(_) => return Truth::Indeterminate,
            },
            Found::Missing | Found::OtherType => return Truth::Indeterminate,
        },
    };
    let (mut result, decisive) = match comparison.quantifier {
        Quantifier::All => (Truth::True, Truth::False),
        Quantifier::Any => (Truth::False, Truth::True),
    };
    // Of a path without `[*]` there is one value, of which either quantifier says the same.
    scene.each(&comparison.path, |found| {
        let truth = match found {
            Found::Value(value) => operator.holds(value, operand),
            Found::Missing => missing(comparison, operand),
            Found::OtherType => Truth::Indeterminate,
        };
        if truth == decisive {
            result = decisive;
            return ControlFlow::Break(());
        }
        if truth == Truth::Indeterminate {
            result = Truth::Indeterminate;
        }
        ControlFlow::Continue(())
    });
    result
}

fn missing(comparison: &Comparison, operand: &Operand) -> Truth {
    match (comparison.operator, operand) {
        (Operator::Exists, Operand::Presence(expected)) => Truth::from(!expected),
        _ => comparison.on_missing,
    }
}
