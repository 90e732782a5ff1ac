//! Limits as they are written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::limit::Scope;
use crate::path::Path;
use crate::window::CalendarUnit;

/// One limit: of what a window may hold, or of calls in flight.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Limit {
    Concurrent(ConcurrentLimit),
    Window(WindowLimit),
}

/// The most that a window may hold.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WindowLimit {
    /// The counter's name; limits that name the same counter share it.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9_.-]{1,64}$"))]
    pub(crate) counter: String,
    /// How long a window is.
    pub(crate) window: WindowSpan,
    /// The most that one window may hold.
    pub(crate) max: Decimal,
    /// Whose calls are added up; `grant` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// A path to the number that one call adds; one for each call where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) amount: Option<Path>,
    /// Whether windows slide or follow the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) align: Option<Align>,
    /// What the agent is told when the limit denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_deny: Option<String>,
}

/// The most calls in flight at once.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ConcurrentLimit {
    /// The counter's name.
    #[schemars(with = "String", regex(pattern = r"^[A-Za-z0-9_.-]{1,64}$"))]
    pub(crate) counter: String,
    /// The most calls at once.
    #[schemars(range(min = 1))]
    pub(crate) concurrent: u64,
    /// Whose calls are added up; `grant` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// What the agent is told when the limit denies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_deny: Option<String>,
}

/// A limit in short.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RateLimit {
    /// The most calls.
    pub(crate) max: Decimal,
    /// In which time.
    pub(crate) window: WindowSpan,
}

/// Whether windows slide or follow the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Align {
    Sliding,
    Calendar,
}

/// A window's length as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindowSpan {
    Named(CalendarUnit),
    Seconds(u64),
}

impl Serialize for WindowSpan {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WindowSpan::Named(unit) => serializer.serialize_str(unit.as_str()),
            WindowSpan::Seconds(seconds) => serializer.serialize_u64(*seconds),
        }
    }
}

impl JsonSchema for WindowSpan {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Window")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How long a window is: by name, or in whole seconds.",
            "oneOf": [
                { "enum": ["second", "minute", "hour", "day", "month"] },
                { "type": "integer", "minimum": 1, "maximum": 2_678_400 },
            ],
        })
    }
}

/// A `max`: exact, and as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Decimal {
    pub(crate) micros: u64,
    pub(crate) text: Box<RawValue>,
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.text.get() == other.text.get()
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Max")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number with at most six decimals.",
            "type": "number", "minimum": 0, "maximum": 4_000_000_000_u64,
        })
    }
}
