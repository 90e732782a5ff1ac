//! A value that a rule compares, whether it comes from JSON or from a fact of the gateway.

use crate::json::{Items, Kind, View};

/// One value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Datum<'v> {
    Null,
    Bool(bool),
    /// The decimal as it is written.
    Number(&'v str),
    Text(&'v str),
    Array(Items<'v>),
    Object,
}

impl<'v> From<View<'v>> for Datum<'v> {
    fn from(view: View<'v>) -> Self {
        match view.kind() {
            Kind::Null => Datum::Null,
            Kind::Bool(value) => Datum::Bool(value),
            Kind::Number(text) => Datum::Number(text),
            Kind::String(text) => Datum::Text(text),
            Kind::Array(items) => Datum::Array(items),
            Kind::Object(_) => Datum::Object,
        }
    }
}
