//! Operators: their words, what they take, and when they hold.

mod directory;
mod host;
mod operand;

use directory::Directory;
use host::HostPattern;
pub(crate) use operand::Operand;

use crate::datum::Datum;
use crate::decimal::Decimal;
use crate::truth::Truth;

macro_rules! operators {
    ($($variant:ident => $text:literal,)+) => {
        /// An operator as it is written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Operator { $($variant,)+ }

        impl Operator {
            pub(crate) const ALL: &'static [Operator] = &[$(Operator::$variant,)+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Operator::$variant => $text,)+ }
            }
        }
    };
}

operators! {
    Eq => "eq",
    Neq => "neq",
    Lt => "lt",
    Lte => "lte",
    Gt => "gt",
    Gte => "gte",
    In => "in",
    NotIn => "not_in",
    Exists => "exists",
    Regex => "regex",
    NotRegex => "not_regex",
    Contains => "contains",
    NotContains => "not_contains",
    StartsWith => "starts_with",
    EndsWith => "ends_with",
    Includes => "includes",
    NotIncludes => "not_includes",
    MaxLength => "max_length",
    MaxItems => "max_items",
    HostIn => "host_in",
    HostNotIn => "host_not_in",
    WithinPath => "within_path",
}

impl Operator {
    pub(crate) fn parse(text: &str) -> Option<Operator> {
        Self::ALL.iter().copied().find(|operator| operator.as_str() == text)
    }

    /// Whether the operator is the opposite of another one.
    pub(crate) fn is_negated(self) -> bool {
        use Operator::{HostNotIn, Neq, NotContains, NotIn, NotIncludes, NotRegex};
        matches!(self, Neq | NotIn | NotRegex | NotContains | NotIncludes | HostNotIn)
    }

    /// Whether the operator may be given a path to compare with.
    pub(crate) fn takes_value_path(self) -> bool {
        !matches!(self, Operator::Exists | Operator::Regex | Operator::NotRegex)
    }

    /// Whether a value that is there satisfies the operator.
    pub(crate) fn holds(self, value: Datum<'_>, operand: &Operand) -> Truth {
        let positive = self.holds_positively(value, operand);
        if self.is_negated() { positive.not() } else { positive }
    }

    fn holds_positively(self, value: Datum<'_>, operand: &Operand) -> Truth {
        use std::cmp::Ordering;
        match (operand, value) {
            (Operand::Presence(expected), _) => Truth::from(*expected),
            (Operand::Scalar(scalar), Datum::Array(items))
                if matches!(self, Operator::Includes | Operator::NotIncludes) =>
            {
                Truth::any(items.map(|item| scalar.equals(Datum::from(item))))
            }
            (Operand::Scalar(scalar), value) if matches!(self, Operator::Eq | Operator::Neq) => scalar.equals(value),
            (Operand::Set(members), value) => Truth::any(members.iter().map(|member| member.equals(value))),
            (Operand::Number(bound), Datum::Number(number)) => {
                let ordering = Decimal::parse(number).compare(Decimal::parse(bound));
                Truth::from(match self {
                    Operator::Lt => ordering == Ordering::Less,
                    Operator::Lte => ordering != Ordering::Greater,
                    Operator::Gt => ordering == Ordering::Greater,
                    _ => ordering != Ordering::Less,
                })
            }
            (Operand::Text(part), Datum::Text(text)) => Truth::from(match self {
                Operator::StartsWith => text.starts_with(&**part),
                Operator::EndsWith => text.ends_with(&**part),
                _ => text.contains(&**part),
            }),
            (Operand::Expression(regex), Datum::Text(text)) => Truth::from(regex.is_match(text)),
            (Operand::Count(most), Datum::Text(text)) if self == Operator::MaxLength => {
                Truth::from(is_at_most(text.chars(), *most))
            }
            (Operand::Count(most), Datum::Array(items)) if self == Operator::MaxItems => {
                Truth::from(is_at_most(items, *most))
            }
            (Operand::Hosts(patterns), Datum::Text(text)) => match host::host_of(text) {
                Some(host) => Truth::from(patterns.iter().any(|pattern| pattern.matches(&host))),
                None => Truth::Indeterminate,
            },
            (Operand::Directories(directories), Datum::Text(text)) => match Directory::parse(text) {
                Some(path) => Truth::from(directories.iter().any(|directory| directory.holds(&path))),
                None => Truth::Indeterminate,
            },
            // A value of another type than the operator compares.
            _ => Truth::Indeterminate,
        }
    }
}

fn is_at_most(mut things: impl Iterator, most: u64) -> bool {
    match usize::try_from(most) {
        Ok(most) => things.nth(most).is_none(),
        Err(_) => true,
    }
}
