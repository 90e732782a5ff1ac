use ostiary_policy::{Inventory, parse};
use serde_json::Value;

use super::run::Run;

/// Cases written from the language's page. Each line is one: a policy with calls and what they get, or with its errors.
const CORPUS: &str = include_str!("../../../../../policy/corpus/cases.jsonl");

fn policy_text(case: &Value) -> String {
    case["policy_text"].as_str().map_or_else(|| case["policy"].to_string(), str::to_owned)
}

/// Whether an answer has every member that is expected of it.
fn is_as_expected(answer: &Value, expected: &Value) -> bool {
    expected.as_object().unwrap().iter().all(|(name, value)| answer[name] == *value)
}

#[test]
fn call_of_the_corpus_gets_the_answer_of_the_page() {
    let mut wrong = Vec::new();
    for line in CORPUS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let Some(calls) = case["calls"].as_array() else { continue };
        let document = parse(&policy_text(&case)).unwrap_or_else(|errors| panic!("{}: {errors:?}", case["name"]));
        let inventory = case.get("inventory").map(|inventory| Inventory::parse(&inventory.to_string()).unwrap());
        let mut run = Run::new(document.compile(), inventory);
        for (call, expected) in calls.iter().zip(case["expect"].as_array().unwrap()) {
            let answer = serde_json::to_value(run.decide(call.as_str().unwrap().as_bytes())).unwrap();
            if !is_as_expected(&answer, expected) {
                wrong.push(format!("{}: {call}\n  is       {answer}\n  expected {expected}", case["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn document_of_the_corpus_has_the_errors_of_the_page() {
    for line in CORPUS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let Some(expected) = case["expect_errors"].as_array() else { continue };
        let errors = parse(&policy_text(&case)).expect_err(case["name"].as_str().unwrap());
        let mut found: Vec<String> = errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut expected: Vec<String> =
            expected.iter().map(|error| format!("{} {}", text(&error["pointer"]), text(&error["code"]))).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{}", case["name"]);
    }
}

#[test]
fn limit_that_is_exceeded_says_when_to_try_again() {
    let policy = r#"{"version":"1","default":"deny","tools":{"t":{"limits":[{"counter":"c","window":"minute","max":1,"align":"calendar"}]}}}"#;
    let mut run = Run::new(parse(policy).unwrap().compile(), None);
    run.decide(br#"{"tool":"t","at":"2026-03-02T12:00:18Z"}"#);
    let answer = run.decide(br#"{"tool":"t"}"#);
    assert_eq!(answer.retry_after_ms, Some(42_000));
    assert_eq!(answer.message.as_deref(), Some("the limit `c` allows 1 call per minute; try again in 42 s"));
}
