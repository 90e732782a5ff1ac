//! The language read off its page and evaluated without any preparation: slow, plain, over `serde_json` values.
//!
//! Knows what the generator writes: scalars whose numbers a double or an `i64` holds, no duplicates.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Kleene's values: `None` is indeterminate.
type Truth = Option<bool>;

/// Code and rule pointer, with code `allowed` where only counters are left to ask.
pub(crate) fn decide(
    policy: &Value,
    tool: &str,
    category: &str,
    arguments: &Value,
    _now: DateTime<Utc>,
) -> (String, Option<String>) {
    let answer = |code: &str, rule: String| (code.to_owned(), Some(rule));
    let default = policy["default"].as_str().unwrap();
    for (index, pattern) in list(&policy["hide"]).iter().enumerate() {
        if matches(pattern.as_str().unwrap(), tool) {
            return answer("hidden", format!("/hide/{index}"));
        }
    }
    let mut sets: Vec<(String, &Value)> = Vec::new();
    if let Some(tools) = policy["tools"].as_object() {
        let mut patterns: Vec<&String> = tools.keys().filter(|pattern| matches(pattern, tool)).collect();
        patterns.sort_by_key(|pattern| (pattern.contains(['*', '?']), pattern.as_bytes()));
        sets.extend(patterns.into_iter().map(|pattern| (format!("/tools/{pattern}"), &tools[pattern])));
    }
    if let Some(set) = policy.get("categories").and_then(|categories| categories.get(category)) {
        sets.push((format!("/categories/{category}"), set));
    }
    let is_listed = !sets.is_empty();
    let nothing = Value::Object(serde_json::Map::new());
    sets.push(("/all_tools".to_owned(), policy.get("all_tools").unwrap_or(&nothing)));
    let with_action =
        |action: &str| sets.iter().find(|(_, set)| set["action"] == action).map(|(at, _)| format!("{at}/action"));
    if let Some(rule) = with_action("hide") {
        return answer("hidden", rule);
    }
    if !is_listed && default == "deny" {
        return answer("default_deny", "/default".to_owned());
    }
    if let Some(rule) = with_action("deny") {
        return answer("denied", rule);
    }
    for (kind, default_quantifier) in [("require", "all"), ("deny_if", "any")] {
        for (at, set) in &sets {
            for (index, group) in list(&set[kind]).iter().enumerate() {
                let truth =
                    all(list(&group["conditions"]).iter().map(|one| judge(one, arguments, default_quantifier, false)));
                let denies = if kind == "require" { truth != Some(true) } else { truth != Some(false) };
                if denies {
                    return answer(kind, format!("{at}/{kind}/{index}"));
                }
            }
        }
    }
    for (at, set) in &sets {
        if set["action"] == "require_approval" {
            return answer("approval_required", format!("{at}/action"));
        }
        for (index, group) in list(&set["approve_if"]).iter().enumerate() {
            if all(list(&group["conditions"]).iter().map(|one| judge(one, arguments, "any", false))) != Some(false) {
                return answer("approval_required", format!("{at}/approve_if/{index}"));
            }
        }
    }
    for (at, set) in &sets {
        for (index, limit) in list(&set["limits"]).iter().enumerate() {
            if let Some(path) = limit.get("amount") {
                let found = values(path.as_str().unwrap(), arguments);
                let is_countable = match found.as_slice() {
                    [Found::Value(Value::Number(number))] => {
                        let number = number.as_f64().unwrap();
                        (0.0..=4e9).contains(&number)
                    }
                    _ => false,
                };
                if !is_countable {
                    return answer("invalid_amount", format!("{at}/limits/{index}"));
                }
            }
        }
    }
    ("allowed".to_owned(), None)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn matches(pattern: &str, name: &str) -> bool {
    match (pattern.chars().next(), name.chars().next()) {
        (None, None) => true,
        (Some('*'), None) => matches(&pattern[1..], name),
        (Some('*'), Some(_)) => matches(&pattern[1..], name) || matches(pattern, &name[1..]),
        (Some('?'), Some(_)) => matches(&pattern[1..], &name[1..]),
        (Some(left), Some(right)) if left == right => matches(&pattern[1..], &name[1..]),
        _ => false,
    }
}

fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    let truths: Vec<Truth> = truths.collect();
    match (truths.contains(&Some(false)), truths.contains(&None)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    all(truths.map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
}

fn judge(condition: &Value, arguments: &Value, default_quantifier: &str, is_odd: bool) -> Truth {
    let each = |parts: &Value| -> Vec<Truth> {
        list(parts).iter().map(|part| judge(part, arguments, default_quantifier, is_odd)).collect()
    };
    if let Some(parts) = condition.get("any") {
        return any(each(parts).into_iter());
    }
    if let Some(parts) = condition.get("all") {
        return all(each(parts).into_iter());
    }
    if let Some(part) = condition.get("not") {
        return judge(part, arguments, default_quantifier, !is_odd).map(|truth| !truth);
    }
    let op = condition["op"].as_str().unwrap();
    let operand = match condition.get("value_path") {
        None => condition["value"].clone(),
        Some(path) => match values(path.as_str().unwrap(), arguments).as_slice() {
            [Found::Value(value)] if fits(op, value) => (*value).clone(),
            _ => return None,
        },
    };
    let truths = values(condition["path"].as_str().unwrap(), arguments).into_iter().map(|found| match found {
        Found::OtherType => None,
        Found::Missing if op == "exists" => Some(operand == false),
        Found::Missing => match condition["on_missing"].as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => None,
            None if is_odd || op.contains("not_") || op == "neq" => None,
            None => Some(false),
        },
        Found::Value(value) => holds(op, value, &operand),
    });
    match condition["quantifier"].as_str().unwrap_or(default_quantifier) {
        "all" => all(truths),
        _ => any(truths),
    }
}

/// Whether what a `value_path` found is what the operator takes.
fn fits(op: &str, value: &Value) -> bool {
    let is_scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let kind = |value: &Value| (value.is_string(), value.is_number());
    let items = list(value);
    match op {
        "eq" | "neq" | "includes" | "not_includes" => is_scalar(value),
        "lt" | "lte" | "gt" | "gte" => value.is_number(),
        "in" | "not_in" => {
            !items.is_empty() && items.iter().all(|item| is_scalar(item) && kind(item) == kind(&items[0]))
        }
        "contains" | "not_contains" | "starts_with" | "ends_with" => value.is_string(),
        "max_length" | "max_items" => {
            value.as_f64().is_some_and(|number| number >= 0.0 && number.fract() == 0.0 && number < 1.8e19)
        }
        "host_in" | "host_not_in" => !items.is_empty() && items.iter().all(|item| item.as_str().is_some_and(is_host)),
        _ => !items.is_empty() && items.iter().all(|item| item.as_str().is_some_and(|text| text.starts_with('/'))),
    }
}

/// Of the strings that the generator writes into arguments, those that are hosts.
fn is_host(text: &str) -> bool {
    matches!(text, "a" | "ab" | "1" | "true")
}

enum Found<'v> {
    Value(&'v Value),
    Missing,
    OtherType,
}

fn values<'v>(path: &str, arguments: &'v Value) -> Vec<Found<'v>> {
    let mut found = vec![Found::Value(arguments)];
    let steps =
        path.strip_prefix("args").unwrap().replace("[\"", ".").replace("\"]", "").replace('[', ".").replace(']', "");
    for step in steps.split('.').skip(1) {
        let mut next = Vec::new();
        for one in found {
            let Found::Value(value) = one else {
                next.push(one);
                continue;
            };
            let is_index = step.parse::<usize>();
            match (value, step) {
                (Value::Array(items), "*") => next.extend(items.iter().map(Found::Value)),
                (Value::Array(items), _) if is_index.is_ok() => {
                    next.push(items.get(is_index.unwrap()).map_or(Found::Missing, Found::Value));
                }
                (Value::Object(members), name) if is_index.is_err() && name != "*" => {
                    next.push(members.get(name).map_or(Found::Missing, Found::Value));
                }
                _ => next.push(Found::OtherType),
            }
        }
        found = next;
    }
    found.into_iter().map(|one| if matches!(one, Found::Value(Value::Null)) { Found::Missing } else { one }).collect()
}

fn equals(left: &Value, right: &Value) -> Truth {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.as_f64() == right.as_f64()),
        (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => Some(left == right),
        _ => None,
    }
}

fn holds(op: &str, value: &Value, operand: &Value) -> Truth {
    if let Some(positive) = match op {
        "neq" => Some("eq"),
        "not_in" => Some("in"),
        "not_regex" => Some("regex"),
        "not_contains" => Some("contains"),
        "not_includes" => Some("includes"),
        "host_not_in" => Some("host_in"),
        _ => None,
    } {
        return holds(positive, value, operand).map(|truth| !truth);
    }
    let numbers = || Some((value.as_number()?.as_f64()?, operand.as_f64()?));
    let texts = || Some((value.as_str()?, operand.as_str()?));
    match op {
        "eq" => equals(value, operand),
        "in" => any(list(operand).iter().map(|member| equals(value, member))),
        "includes" => any(value.as_array()?.iter().map(|item| equals(item, operand))),
        "exists" => Some(operand == true),
        "lt" => numbers().map(|(left, right)| left < right),
        "lte" => numbers().map(|(left, right)| left <= right),
        "gt" => numbers().map(|(left, right)| left > right),
        "gte" => numbers().map(|(left, right)| left >= right),
        "contains" => texts().map(|(text, part)| text.contains(part)),
        "starts_with" => texts().map(|(text, part)| text.starts_with(part)),
        "ends_with" => texts().map(|(text, part)| text.ends_with(part)),
        "regex" => texts().map(|(text, pattern)| match (pattern.strip_prefix('^'), pattern.strip_suffix('$')) {
            (Some(part), _) => text.starts_with(part),
            (_, Some(part)) => text.ends_with(part),
            _ => text.contains(pattern),
        }),
        "max_length" => Some(value.as_str()?.chars().count() as f64 <= operand.as_f64()?),
        "max_items" => Some(value.as_array()?.len() as f64 <= operand.as_f64()?),
        "host_in" => {
            let host = value.as_str()?.strip_prefix("https://")?.split('/').next()?;
            Some(list(operand).iter().any(|pattern| {
                let pattern = pattern.as_str().unwrap();
                pattern == host || pattern.strip_prefix('*').is_some_and(|end| host.ends_with(end) && host != end)
            }))
        }
        _ => {
            let path = resolve(value.as_str().filter(|text| text.starts_with('/'))?);
            Some(list(operand).iter().any(|directory| path.starts_with(&resolve(directory.as_str().unwrap()))))
        }
    }
}

fn resolve(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts
}
