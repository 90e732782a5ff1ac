//! Paths that the tools' own schemas do not have.

use serde_json::Value;

use super::{Linter, each_comparison_of};
use crate::decision::RulePointer;
use crate::diagnostic::DiagnosticCode;
use crate::document::{Limit, Operation};
use crate::inventory::Inventory;
use crate::operator::Operator;
use crate::path::{Path, Root, Step};

/// What a schema says of an argument.
enum Known {
    /// The schema has no such argument.
    Absent,
    /// The argument's types, as the schema names them.
    Types(Vec<String>),
    /// The schema is written so that only validation can tell.
    Unclear,
}

impl Linter<'_> {
    pub(super) fn arguments(&mut self, inventory: &Inventory) {
        let schemas: Vec<(&str, _, Value)> = inventory
            .iter()
            .filter_map(|(name, facts)| {
                let schema = serde_json::from_str(facts.input_schema.as_ref()?.as_str()).ok()?;
                Some((name, facts, schema))
            })
            .collect();
        for place in self.places() {
            let reached: Vec<&Value> = schemas
                .iter()
                .filter(|(name, facts, _)| place.applies_to(name, facts))
                .map(|(_, _, schema)| schema)
                .collect();
            if reached.is_empty() {
                continue;
            }
            let mut used: Vec<(RulePointer, &Path, Option<Operator>)> = Vec::new();
            for (pointer, group) in place.groups() {
                each_comparison_of(group, &pointer, &mut |comparison, at, _| {
                    used.push((at.join("path"), &comparison.path, Some(comparison.op)));
                    if let Operation::Path(path) = &comparison.operation {
                        used.push((at.join("value_path"), path, None));
                    }
                });
            }
            let limits_at = place.pointer().join("limits");
            for (index, limit) in place.rule_set.limits.iter().flatten().enumerate() {
                if let Limit::Window(limit) = limit {
                    let at = limits_at.join(&index.to_string()).join("amount");
                    used.extend(limit.amount.iter().map(|path| (at.clone(), path, Some(Operator::Gte))));
                }
            }
            for (pointer, path, operator) in used {
                self.argument(&pointer, path, operator, &reached);
            }
        }
    }

    fn argument(&mut self, pointer: &RulePointer, path: &Path, operator: Option<Operator>, schemas: &[&Value]) {
        if path.root != Root::Arguments {
            return;
        }
        let known: Vec<Known> = schemas.iter().map(|schema| look_up(schema, &path.steps)).collect();
        // Where several tools are reached, one that has the argument is enough.
        if known.iter().all(|known| matches!(known, Known::Absent)) {
            self.warn(
                DiagnosticCode::UnknownArgument,
                pointer,
                format!("the schema of the tool has no `{}`", path.as_str()),
            );
            return;
        }
        let Some(compared) = operator.and_then(compared_type) else { return };
        let fits =
            |types: &[String]| types.iter().any(|name| name == compared || (compared == "number" && name == "integer"));
        let is_other =
            |known: &Known| matches!(known, Known::Types(types) if !fits(types)) || matches!(known, Known::Absent);
        if known.iter().all(is_other) {
            let message =
                format!("the schema has `{}` with another type than the {compared} that is compared", path.as_str());
            self.warn(DiagnosticCode::ArgumentType, pointer, message);
        }
    }
}

/// The type that an operator compares, where it is one.
fn compared_type(operator: Operator) -> Option<&'static str> {
    use Operator::{
        Contains, EndsWith, Gt, Gte, HostIn, HostNotIn, Includes, Lt, Lte, MaxItems, MaxLength, NotContains,
        NotIncludes, NotRegex, Regex, StartsWith, WithinPath,
    };
    match operator {
        Lt | Lte | Gt | Gte => Some("number"),
        Regex | NotRegex | Contains | NotContains | StartsWith | EndsWith | MaxLength | HostIn | HostNotIn
        | WithinPath => Some("string"),
        Includes | NotIncludes | MaxItems => Some("array"),
        _ => None,
    }
}

fn look_up(schema: &Value, steps: &[Step]) -> Known {
    const UNCLEAR: [&str; 9] =
        ["$ref", "$dynamicRef", "anyOf", "oneOf", "allOf", "if", "not", "patternProperties", "prefixItems"];
    let mut schema = schema;
    for step in steps {
        let Some(members) = schema.as_object() else { return Known::Unclear };
        if UNCLEAR.iter().any(|word| members.contains_key(*word)) {
            return Known::Unclear;
        }
        let inside = match step {
            Step::Member(name) => match members.get("properties").map(|properties| properties.get(&**name)) {
                Some(inside) => inside,
                // An object of which nothing is said may have any member.
                None => return Known::Unclear,
            },
            Step::Index(_) | Step::Each => match members.get("items") {
                Some(items) => Some(items),
                None => return Known::Unclear,
            },
        };
        match inside {
            Some(inside) => schema = inside,
            // A described member is meant even where others are possible: a name that is not described is a mistake.
            None => return Known::Absent,
        }
    }
    match schema.get("type") {
        Some(Value::String(name)) => Known::Types(vec![name.clone()]),
        Some(Value::Array(names)) => Known::Types(names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => Known::Unclear,
    }
}
