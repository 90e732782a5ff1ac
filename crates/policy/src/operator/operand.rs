//! What an operator compares with, checked and made ready once.

use regex::Regex;

use super::{Directory, HostPattern, Operator};
use crate::datum::Datum;
use crate::decimal::Decimal;
use crate::diagnostic::DiagnosticCode;
use crate::truth::Truth;

/// A value that fits its operator.
#[derive(Debug)]
pub(crate) enum Operand {
    /// `exists`.
    Presence(bool),
    /// `eq`, `includes` and their opposites.
    Scalar(Scalar),
    /// `in` and its opposite; of one type, not empty.
    Set(Vec<Scalar>),
    /// `lt` and the like: the decimal as written.
    Number(Box<str>),
    /// `contains` and the like.
    Text(Box<str>),
    /// `regex` and its opposite.
    Expression(Regex),
    /// `max_length`, `max_items`.
    Count(u64),
    /// `host_in` and its opposite.
    Hosts(Vec<HostPattern>),
    /// `within_path`.
    Directories(Vec<Directory>),
}

/// A JSON value without parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
}

/// Why a value does not fit its operator.
#[derive(Debug)]
pub(crate) struct OperandError {
    pub(crate) code: DiagnosticCode,
    /// The element concerned, where it is one of a list.
    pub(crate) index: Option<usize>,
    pub(crate) message: String,
}

/// Longest expression, in characters.
const MAX_EXPRESSION_CHARS: usize = 1000;
/// Largest compiled expression.
const MAX_EXPRESSION_BYTES: usize = 10 * 1024 * 1024;

impl Scalar {
    pub(crate) fn from_datum(value: Datum<'_>) -> Option<Scalar> {
        match value {
            Datum::Bool(value) => Some(Scalar::Bool(value)),
            Datum::Number(text) => Some(Scalar::Number(text.into())),
            Datum::Text(text) => Some(Scalar::Text(text.into())),
            Datum::Null | Datum::Array(_) | Datum::Object => None,
        }
    }

    /// Equality of one type; a value of another type cannot be compared.
    pub(crate) fn equals(&self, value: Datum<'_>) -> Truth {
        match (self, value) {
            (Scalar::Bool(expected), Datum::Bool(value)) => Truth::from(*expected == value),
            (Scalar::Number(expected), Datum::Number(value)) => {
                Truth::from(Decimal::parse(value).compare(Decimal::parse(expected)).is_eq())
            }
            (Scalar::Text(expected), Datum::Text(value)) => Truth::from(**expected == *value),
            _ => Truth::Indeterminate,
        }
    }

    fn is_same_type(&self, other: &Scalar) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Operand {
    /// Checks a value against what the operator takes. The same for a constant of the document and for what a
    /// `value_path` finds.
    pub(crate) fn new(operator: Operator, value: Datum<'_>) -> Result<Operand, Vec<OperandError>> {
        match operator {
            Operator::Exists => match value {
                Datum::Bool(expected) => Ok(Operand::Presence(expected)),
                _ => Err(wrong_type("`exists` takes true or false")),
            },
            Operator::Eq | Operator::Neq | Operator::Includes | Operator::NotIncludes => Scalar::from_datum(value)
                .map(Operand::Scalar)
                .ok_or_else(|| wrong_type("a string, a number, true or false is compared")),
            Operator::Lt | Operator::Lte | Operator::Gt | Operator::Gte => match value {
                Datum::Number(text) => Ok(Operand::Number(text.into())),
                _ => Err(wrong_type("a number is compared")),
            },
            Operator::In | Operator::NotIn => scalar_set(value),
            Operator::Contains | Operator::NotContains | Operator::StartsWith | Operator::EndsWith => match value {
                Datum::Text(text) => Ok(Operand::Text(text.into())),
                _ => Err(wrong_type("a string is compared")),
            },
            Operator::Regex | Operator::NotRegex => match value {
                Datum::Text(text) => expression(text).map(Operand::Expression),
                _ => Err(wrong_type("an expression is a string")),
            },
            Operator::MaxLength | Operator::MaxItems => match value {
                Datum::Number(text) => Decimal::parse(text).to_u64().map(Operand::Count).ok_or_else(|| {
                    one(DiagnosticCode::InvalidValue, "an integer of at least 0 is compared".to_owned())
                }),
                _ => Err(wrong_type("an integer is compared")),
            },
            Operator::HostIn | Operator::HostNotIn => {
                let rule = "a host, or `*.` and a domain; without scheme, port or path";
                text_list(value, rule, HostPattern::parse).map(Operand::Hosts)
            }
            Operator::WithinPath => {
                let rule = "a directory begins with `/` and has no backslash and no NUL";
                text_list(value, rule, Directory::parse).map(Operand::Directories)
            }
        }
    }
}

fn one(code: DiagnosticCode, message: String) -> Vec<OperandError> {
    vec![OperandError { code, index: None, message }]
}

fn wrong_type(message: &str) -> Vec<OperandError> {
    one(DiagnosticCode::WrongType, message.to_owned())
}

fn scalar_set(value: Datum<'_>) -> Result<Operand, Vec<OperandError>> {
    let Datum::Array(items) = value else { return Err(wrong_type("an array is compared")) };
    let (mut members, mut errors): (Vec<Scalar>, Vec<OperandError>) = (Vec::new(), Vec::new());
    for (index, item) in items.enumerate() {
        match Scalar::from_datum(Datum::from(item)) {
            Some(scalar) => members.push(scalar),
            None => errors.push(OperandError {
                code: DiagnosticCode::WrongType,
                index: Some(index),
                message: "a member is a string, a number, true or false".to_owned(),
            }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let Some(first) = members.first() else {
        return Err(one(DiagnosticCode::InvalidValue, "the array is empty".to_owned()));
    };
    if members.iter().any(|member| !member.is_same_type(first)) {
        return Err(one(DiagnosticCode::InvalidValue, "the members are of several types".to_owned()));
    }
    Ok(Operand::Set(members))
}

fn text_list<T>(value: Datum<'_>, rule: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Vec<OperandError>> {
    let Datum::Array(items) = value else { return Err(wrong_type("an array of strings is compared")) };
    let (mut members, mut errors) = (Vec::new(), Vec::new());
    for (index, item) in items.enumerate() {
        let (code, message) = match item.as_str().map(&parse) {
            Some(Some(member)) => {
                members.push(member);
                continue;
            }
            Some(None) => (DiagnosticCode::InvalidValue, rule.to_owned()),
            None => (DiagnosticCode::WrongType, "a member is a string".to_owned()),
        };
        errors.push(OperandError { code, index: Some(index), message });
    }
    match (errors.is_empty(), members.is_empty()) {
        (false, _) => Err(errors),
        (true, true) => Err(one(DiagnosticCode::InvalidValue, "the array is empty".to_owned())),
        (true, false) => Ok(members),
    }
}

fn expression(text: &str) -> Result<Regex, Vec<OperandError>> {
    let refuse = |message: String| one(DiagnosticCode::InvalidRegex, message);
    if text.chars().count() > MAX_EXPRESSION_CHARS {
        return Err(refuse(format!("the expression has more than {MAX_EXPRESSION_CHARS} characters")));
    }
    regex::RegexBuilder::new(text).size_limit(MAX_EXPRESSION_BYTES).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => refuse("the expression is too large when compiled".to_owned()),
        // The library draws the expression over several lines; its last line says what is wrong.
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            refuse(format!("the expression does not compile: {reason}"))
        }
    })
}
