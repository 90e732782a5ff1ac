//! Properties that hold for every document and every call.

#[path = "properties/generate.rs"]
mod generate;
#[path = "properties/naive.rs"]
mod naive;

use chrono::{DateTime, Utc};
use generate::{arguments, policy, rule_set};
use ostiary_policy::{Arguments, Call, Category, Denial, Document, Evaluation, ToolFacts, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: &str = "2026-11-20T10:30:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn document(policy: &Value) -> Document {
    parse(&policy.to_string()).unwrap_or_else(|errors| panic!("{errors:?}\n{policy}"))
}

/// What a call gets before counters are asked.
#[derive(Debug, PartialEq)]
enum Outcome {
    Denied(String, Option<String>),
    Held(String),
    /// With the plan's charges and limits, printed.
    Passed(String),
}

impl Outcome {
    /// Whether only counters are left to ask.
    fn passes(&self) -> bool {
        matches!(self, Outcome::Passed(_))
    }
}

fn decide(document: &Document, tool: &str, arguments: &str) -> Outcome {
    let facts = ToolFacts::new(Category::Write);
    let call = Call::tool(tool, Some(&facts), Arguments::Json(arguments), now());
    let denied = |denial: Denial| Outcome::Denied(denial.code.to_string(), denial.rule.map(|rule| rule.to_string()));
    match document.compile().evaluate(&call) {
        Evaluation::Denied(denial) => denied(denial),
        Evaluation::Proceed(proceed) => match (proceed.approval, proceed.limits) {
            (Some(need), _) => Outcome::Held(need.rule.to_string()),
            (None, Err(denial)) => denied(denial),
            (None, Ok(plan)) => {
                let charges: Vec<String> = plan
                    .charges
                    .iter()
                    .map(|charge| format!("{} {} {}", charge.counter.name, charge.count_micros, charge.amount_micros))
                    .collect();
                let limits: Vec<String> = plan
                    .limits
                    .iter()
                    .map(|limit| format!("{} {} {}", limit.rule, limit.charge, limit.max_micros))
                    .collect();
                Outcome::Passed(format!("{charges:?} {limits:?}"))
            }
        },
    }
}

/// The same JSON with the members of every object in reverse.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), reversed(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// Puts a rule set's members into one that the policy has, lists appended.
fn restricted(policy: &Value, pointer: &str, restriction: &Value) -> Value {
    let mut policy = policy.clone();
    let target = policy.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
    for (name, value) in restriction.as_object().unwrap() {
        match (target.get_mut(name), value) {
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.iter().cloned()),
            (Some(_), _) => {}
            (None, value) => drop(target.insert(name.clone(), value.clone())),
        }
    }
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evaluation_equals_the_naive_interpreter(policy in policy(), arguments in arguments()) {
        let outcome = decide(&document(&policy), "tool_a", &arguments.to_string());
        let naive = naive::decide(&policy, "tool_a", "write", &arguments, now());
        let ours = match &outcome {
            Outcome::Denied(code, rule) => (code.clone(), rule.clone()),
            Outcome::Held(rule) => ("approval_required".to_owned(), Some(rule.clone())),
            Outcome::Passed(_) => ("allowed".to_owned(), None),
        };
        prop_assert_eq!(ours, naive, "{} {}", policy, arguments);
    }

    #[test]
    fn restriction_that_is_added_never_permits_more(policy in policy(), more in rule_set(), arguments in arguments(), by_name: bool) {
        let mut policy = policy;
        // A rule set that applies already: an absent `all_tools` is an empty one.
        let at = if by_name && policy["tools"]["tool_a"].is_object() { "/tools/tool_a" } else { "/all_tools" };
        if at == "/all_tools" && policy["all_tools"].is_null() {
            policy["all_tools"] = json!({});
        }
        let strict = restricted(&policy, at, &more);
        let before = decide(&document(&policy), "tool_a", &arguments.to_string());
        let after = decide(&document(&strict), "tool_a", &arguments.to_string());
        prop_assert!(before.passes() || !after.passes(), "{:?} became {:?}", before, after);
    }

    #[test]
    fn order_of_members_changes_no_outcome(policy in policy(), arguments in arguments()) {
        let there = decide(&document(&policy), "tool_a", &arguments.to_string());
        let back = parse(&reversed(&policy)).unwrap();
        prop_assert_eq!(there, decide(&back, "tool_a", &reversed(&arguments)));
    }

    #[test]
    fn argument_of_a_wrong_type_never_passes((group, wrong) in generate::mistyped_group()) {
        for kind in ["require", "deny_if"] {
            let document = document(&json!({"version": "1", "default": "deny", "tools": {"tool_a": {kind: [group.clone()]}}}));
            let outcome = decide(&document, "tool_a", &json!({"x": wrong.clone()}).to_string());
            prop_assert_eq!(outcome, Outcome::Denied(kind.to_owned(), Some(format!("/tools/tool_a/{kind}/0"))));
        }
    }

    #[test]
    fn print_then_parse_is_identity(policy in policy()) {
        let document = document(&policy);
        let printed = ostiary_policy::format(&document);
        let again = parse(&printed).unwrap();
        prop_assert_eq!(&document, &again);
        prop_assert_eq!(printed, ostiary_policy::format(&again));
    }

    #[test]
    fn rule_pointer_resolves_in_its_document(policy in policy(), arguments in arguments(), tool in "tool_[ab]|other") {
        let rule = match decide(&document(&policy), &tool, &arguments.to_string()) {
            Outcome::Denied(_, rule) => rule,
            Outcome::Held(rule) => Some(rule),
            Outcome::Passed(_) => None,
        };
        if let Some(rule) = rule {
            prop_assert!(policy.pointer(&rule).is_some(), "{} in {}", rule, policy);
        }
    }

    #[test]
    fn list_shows_no_tool_that_is_hidden_or_not_listed(policy in policy(), tool in "tool_[ab]|other") {
        let facts = ToolFacts::new(Category::Write);
        let document = document(&policy);
        let is_shown = document.compile().lists_tool(&tool, Some(&facts));
        let is_unavailable =
            matches!(decide(&document, &tool, "{}"), Outcome::Denied(code, _) if code == "hidden" || code == "default_deny");
        prop_assert_eq!(is_shown, !is_unavailable);
    }

    #[test]
    fn explanation_decides_as_the_evaluation_does(policy in policy(), arguments in arguments()) {
        let facts = ToolFacts::new(Category::Write);
        let arguments = arguments.to_string();
        let call = Call::tool("tool_a", Some(&facts), Arguments::Json(&arguments), now());
        let trace = serde_json::to_value(document(&policy).compile().explain(&call)).unwrap();
        let last = trace["steps"].as_array().unwrap().iter().find(|step| step["verdict"] == "denied" || step["verdict"] == "needs_approval");
        let rule = last.and_then(|step| step["rule"].as_str().map(str::to_owned));
        match decide(&document(&policy), "tool_a", &arguments) {
            Outcome::Denied(_, expected) => prop_assert_eq!(rule, expected),
            Outcome::Held(expected) => prop_assert_eq!(rule, Some(expected)),
            Outcome::Passed(_) => prop_assert!(last.is_none()),
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "[\\[\\]{}\":,a-z0-9\\\\ ]{0,60}") {
        let _ = parse(&text);
    }
}
