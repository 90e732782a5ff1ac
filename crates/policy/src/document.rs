//! The document as it is written: every member that is there, and none that is not.
//!
//! The types serialise to the document's own JSON and describe it as a JSON Schema. They are made by
//! [`parse`](crate::parse) only, which also checks them, so that compiling one cannot fail.

mod condition;
mod limit;
mod rule_set;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use condition::{Comparison, Condition, Constant, Group, OnMissing, Operation, Quantifier};
pub(crate) use limit::{Align, ConcurrentLimit, Decimal, Limit, RateLimit, WindowLimit, WindowSpan};
pub(crate) use rule_set::{Action, ApprovalTerms, RuleSet};

use crate::facts::Category;
use crate::pattern::Pattern;

/// A policy document of version "1" that was parsed and checked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Ostiary policy, version 1")]
pub struct Document {
    /// The version of the language.
    pub(crate) version: Version,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 1000))]
    pub(crate) description: Option<String>,
    /// What happens to a tool that no entry of `tools` or `categories` lists.
    pub(crate) default: DefaultAction,
    /// IANA name of the zone of `time.*` paths and calendar windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) timezone: Option<Zone>,
    /// Whether arguments are checked against each tool's own `inputSchema` first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validate_arguments: Option<bool>,
    /// Tools that are removed from lists and denied when called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>", inner(inner(length(min = 1))))]
    pub(crate) hide: Option<Vec<Pattern>>,
    /// Applies to every tool call, listed or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) all_tools: Option<RuleSet>,
    /// By the category of the tool in the server's inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Categories>")]
    pub(crate) categories: Option<BTreeMap<Category, RuleSet>>,
    /// By the tool's name; `*` stands for any run of characters, `?` for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, RuleSet>>")]
    pub(crate) tools: Option<BTreeMap<Pattern, RuleSet>>,
    /// URI patterns of resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resources: Option<AccessList>,
    /// Patterns of prompt names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompts: Option<AccessList>,
}

impl Document {
    /// What the document says of itself.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    pub(crate) fn zone(&self) -> Tz {
        self.timezone.map_or(Tz::UTC, |zone| zone.0)
    }
}

/// The members of `categories`, for the schema.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the object; the document holds a map")]
struct Categories {
    read: Option<RuleSet>,
    write: Option<RuleSet>,
    execute: Option<RuleSet>,
    destructive: Option<RuleSet>,
    financial: Option<RuleSet>,
    other: Option<RuleSet>,
}

/// The versions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) enum Version {
    #[serde(rename = "1")]
    V1,
}

/// What happens to what nothing lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DefaultAction {
    Allow,
    Deny,
}

/// A time zone by its IANA name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(pub(crate) Tz);

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// What is allowed and denied of resources or prompts; a denial wins.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AccessList {
    /// What happens to what neither list matches; the document's default where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<DefaultAction>,
    /// Patterns that are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) allow: Option<Vec<Pattern>>,
    /// Patterns that are denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) deny: Option<Vec<Pattern>>,
}
