//! Any document decides any call, the same way twice, and names a rule that it has.
//!
//! Input: a policy, a line feed after a NUL, and the arguments; the tool is `t`.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use ostiary_policy::{Arguments, Call, Category, Denial, Evaluation, ToolFacts};

fn denial(evaluation: Evaluation) -> Option<Denial> {
    match evaluation {
        Evaluation::Denied(denial) => Some(denial),
        Evaluation::Proceed(proceed) => match (proceed.approval, proceed.limits) {
            (Some(need), _) => Some(need.denial()),
            (None, limits) => limits.err(),
        },
    }
}

fuzz_target!(|text: &str| {
    let Some((policy, arguments)) = text.split_once('\0') else { return };
    let Ok(document) = ostiary_policy::parse(policy) else { return };
    let program = document.compile();
    let facts = ToolFacts::new(Category::Write);
    let call = Call::tool("t", Some(&facts), Arguments::Json(arguments), DateTime::UNIX_EPOCH);
    let first = denial(program.evaluate(&call));
    assert_eq!(first, denial(program.evaluate(&call)));
    let trace = program.explain(&call);
    let explained = trace.steps.iter().find_map(|step| step.rule.clone());
    if let Some(rule) = first.and_then(|denial| denial.rule) {
        assert_eq!(Some(&rule), explained.as_ref());
        // Pointers into documents with numbers that a double rounds resolve all the same.
        let value: serde_json::Value = serde_json::from_str(policy).expect("what parses is JSON");
        assert!(value.pointer(rule.as_str()).is_some(), "{rule}");
    }
});
