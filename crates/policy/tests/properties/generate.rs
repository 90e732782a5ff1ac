//! Documents and arguments that have something to do with each other.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Few values, so that comparisons are met as often as not.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2_i64..4).prop_map(Value::from),
        prop::sample::select(vec![0.5, 1.5, 1e20]).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec!["", "a", "ab", "1", "true", "https://a.example.com/x", "/srv/data/../x", "/srv/x"])
            .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![8 => scalar(), 1 => Just(Value::Null)];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[xy]", inner, 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A call's arguments.
pub(crate) fn arguments() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[xyz]", value(), 0..4).prop_map(|members| members.into_iter().collect())
}

fn path() -> impl Strategy<Value = String> {
    let step = prop::sample::select(vec![".x", ".y", "[\"x\"]", "[0]", "[1]", "[*]"]);
    ("[xyz]", prop::collection::vec(step, 0..3)).prop_map(|(first, steps)| format!("args.{first}{}", steps.concat()))
}

fn single_path() -> impl Strategy<Value = String> {
    path().prop_map(|path| path.replace("[*]", "[0]"))
}

fn operand() -> impl Strategy<Value = (&'static str, Value)> {
    let number = || (-2_i64..4).prop_map(Value::from);
    let text = || prop::sample::select(vec!["", "a", "b", "1", "^a", "x$"]).prop_map(Value::from);
    let scalars = prop_oneof![
        prop::collection::vec(number(), 1..3),
        prop::collection::vec(text(), 1..3),
        prop::collection::vec(any::<bool>().prop_map(Value::from), 1..3),
    ];
    let hosts = prop::sample::subsequence(vec!["a.example.com", "*.example.com", "other.test"], 1..3)
        .prop_map(|hosts| json!(hosts));
    let directories =
        prop::sample::subsequence(vec!["/srv", "/srv/data", "/"], 1..3).prop_map(|directories| json!(directories));
    prop_oneof![
        (prop::sample::select(vec!["eq", "neq", "includes", "not_includes"]), scalar()),
        (prop::sample::select(vec!["lt", "lte", "gt", "gte"]), number()),
        (prop::sample::select(vec!["in", "not_in"]), scalars.prop_map(Value::Array)),
        (Just("exists"), any::<bool>().prop_map(Value::from)),
        (
            prop::sample::select(vec!["regex", "not_regex", "contains", "not_contains", "starts_with", "ends_with"]),
            text()
        ),
        (prop::sample::select(vec!["max_length", "max_items"]), (0_u64..3).prop_map(Value::from)),
        (prop::sample::select(vec!["host_in", "host_not_in"]), hosts),
        (Just("within_path"), directories),
    ]
}

fn comparison() -> impl Strategy<Value = Value> {
    let on_missing = prop::option::weighted(0.2, prop::sample::select(vec!["true", "false", "error"]));
    let quantifier = prop::sample::select(vec!["any", "all"]);
    (path(), operand(), prop::option::weighted(0.15, single_path()), on_missing, quantifier).prop_map(
        |(path, (op, value), value_path, on_missing, quantifier)| {
            let mut condition = json!({"path": path, "op": op});
            // A quantifier is always written with `[*]`, so that the condition may stand under a `not`.
            if path.contains("[*]") {
                condition["quantifier"] = json!(quantifier);
            }
            match value_path.filter(|_| !matches!(op, "exists" | "regex" | "not_regex")) {
                Some(other) => condition["value_path"] = json!(other),
                None => condition["value"] = value,
            }
            if let (Some(on_missing), true) = (on_missing, op != "exists") {
                condition["on_missing"] = json!(on_missing);
            }
            condition
        },
    )
}

fn condition() -> impl Strategy<Value = Value> {
    comparison().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({"any": parts})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({"all": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    })
}

fn group() -> impl Strategy<Value = Value> {
    prop::collection::vec(condition(), 0..3).prop_map(|conditions| json!({"conditions": conditions}))
}

/// A group that compares `args.x` with one type, and a value of another.
pub(crate) fn mistyped_group() -> impl Strategy<Value = (Value, Value)> {
    let comparison = operand().prop_filter("`exists` compares no type", |(op, _)| *op != "exists");
    let wrong = value().prop_filter("`null` is missing, not mistyped", |value| !value.is_null());
    (comparison, wrong, any::<bool>())
        .prop_map(|((op, operand), wrong, is_negated)| (op, operand, wrong, is_negated))
        .prop_filter("the value has the right type", |(op, operand, wrong, _)| !has_right_type(op, operand, wrong))
        .prop_map(|(op, operand, wrong, is_negated)| {
            let comparison = json!({"path": "args.x", "op": op, "value": operand});
            (json!({"conditions": [if is_negated { json!({"not": comparison}) } else { comparison }]}), wrong)
        })
}

fn has_right_type(op: &str, operand: &Value, value: &Value) -> bool {
    let is_same = |left: &Value, right: &Value| std::mem::discriminant(left) == std::mem::discriminant(right);
    match op {
        "eq" | "neq" => is_same(operand, value),
        "in" | "not_in" => is_same(&operand[0], value),
        // An array of whatever may be judged by its elements.
        "includes" | "not_includes" | "max_items" => value.is_array(),
        "lt" | "lte" | "gt" | "gte" => value.is_number(),
        _ => value.is_string(),
    }
}

fn limit() -> impl Strategy<Value = Value> {
    let counter = prop::sample::select(vec!["c", "d"]);
    let window = prop::sample::select(vec![json!("minute"), json!(60), json!("hour"), json!("month")]);
    (counter, window, 0_u64..5, prop::option::weighted(0.3, single_path())).prop_map(
        |(counter, window, max, amount)| {
            let mut limit = json!({"counter": counter, "window": window, "max": max});
            if let Some(amount) = amount {
                limit["amount"] = json!(amount);
            }
            limit
        },
    )
}

/// A rule set.
pub(crate) fn rule_set() -> impl Strategy<Value = Value> {
    let groups = || prop::collection::vec(group(), 0..2);
    let action = prop::option::weighted(0.3, prop::sample::select(vec!["allow", "deny", "hide", "require_approval"]));
    (action, groups(), groups(), groups(), prop::collection::vec(limit(), 0..3), any::<bool>()).prop_map(
        |(action, require, deny_if, approve_if, limits, has_rate)| {
            let mut set = json!({});
            if let Some(action) = action {
                set["action"] = json!(action);
            }
            for (member, list) in
                [("require", require), ("deny_if", deny_if), ("approve_if", approve_if), ("limits", limits)]
            {
                if !list.is_empty() {
                    set[member] = json!(list);
                }
            }
            if has_rate {
                set["rate_limit"] = json!({"max": 3, "window": 60});
            }
            set
        },
    )
}

/// A whole document.
pub(crate) fn policy() -> impl Strategy<Value = Value> {
    let tools = prop::collection::btree_map(
        prop::sample::select(vec!["tool_a", "tool_b", "tool_*", "t*", "*"]),
        rule_set(),
        0..3,
    );
    let categories = prop::option::weighted(0.4, rule_set());
    let hide = prop::collection::vec(prop::sample::select(vec!["tool_b", "*_a", "x*", "oth?r"]), 0..2);
    let default = prop::sample::select(vec!["allow", "deny"]);
    (tools, categories, prop::option::of(rule_set()), hide, default).prop_map(
        |(tools, write, all_tools, hide, default)| {
            let mut policy = json!({"version": "1", "default": default, "tools": tools});
            if let Some(write) = write {
                policy["categories"] = json!({"write": write});
            }
            if let Some(all_tools) = all_tools {
                policy["all_tools"] = all_tools;
            }
            // Hidden tools end everything, so most documents hide none of those that are called.
            if hide.len() == 1 {
                policy["hide"] = json!(hide);
            }
            policy
        },
    )
}
