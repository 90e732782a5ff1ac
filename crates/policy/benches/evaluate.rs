//! How long a decision takes: `cargo bench -p ostiary-policy`.

use std::fmt::Write as _;

use divan::Bencher;
use ostiary_policy::{Arguments, Call, Category, Evaluation, Program, ToolFacts, parse};

const ARGUMENTS: &str = r#"{"amount": 120.5, "currency": "EUR", "reason": "duplicate order", "order": {"id": "o-12345", "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}]},
    "callback": "https://shop.example.com/hooks/refund", "file": "/srv/data/refunds/1.csv", "tags": ["vip", "eu"], "notify": true, "count": 3}"#;

/// Twenty conditions of all families, all of which hold.
const CONDITIONS: [&str; 20] = [
    r#"{"path":"args.amount","op":"gt","value":0}"#,
    r#"{"path":"args.amount","op":"lte","value":1000}"#,
    r#"{"path":"args.currency","op":"in","value":["EUR","USD","GBP"]}"#,
    r#"{"path":"args.currency","op":"neq","value":"XXX"}"#,
    r#"{"path":"args.reason","op":"exists","value":true}"#,
    r#"{"path":"args.reason","op":"max_length","value":200}"#,
    r#"{"path":"args.reason","op":"not_contains","value":"test"}"#,
    r#"{"path":"args.order.id","op":"regex","value":"^o-[0-9]+$"}"#,
    r#"{"path":"args.order.id","op":"starts_with","value":"o-"}"#,
    r#"{"path":"args.order.lines","op":"max_items","value":10}"#,
    r#"{"path":"args.order.lines[*].n","op":"lt","value":100}"#,
    r#"{"path":"args.callback","op":"host_in","value":["*.example.com"]}"#,
    r#"{"path":"args.file","op":"within_path","value":["/srv/data"]}"#,
    r#"{"path":"args.tags","op":"not_includes","value":"blocked"}"#,
    r#"{"path":"args.tags[*]","op":"not_in","value":["internal","test"]}"#,
    r#"{"path":"args.notify","op":"eq","value":true}"#,
    r#"{"path":"args.count","op":"gte","value":1}"#,
    r#"{"any":[{"path":"args.count","op":"eq","value":7},{"path":"args.count","op":"eq","value":3}]}"#,
    r#"{"not":{"path":"args.reason","op":"ends_with","value":"!"}}"#,
    r#"{"path":"time.hour","op":"lt","value":24}"#,
];

/// A policy of so many tools, with all conditions and two limits on one of them.
fn document(tools: usize) -> String {
    let mut text = String::from(r#"{"version":"1","default":"deny","hide":["delete_*"],"tools":{"#);
    for index in 1..tools {
        let _ = write!(text, r#""tool_{index}":{{}},"#);
    }
    let _ = write!(
        text,
        r#""refund":{{"require":[{{"conditions":[{}]}}],"limits":[{{"counter":"c","window":"minute","max":10}},{{"counter":"m","window":"day","max":50000,"amount":"args.amount"}}]}}}}}}"#,
        CONDITIONS.join(",")
    );
    text
}

fn program(tools: usize) -> Program {
    parse(&document(tools)).unwrap_or_else(|errors| panic!("{errors:?}")).compile()
}

fn passes(program: &Program, call: &Call<'_>) -> bool {
    matches!(program.evaluate(call), Evaluation::Proceed(proceed) if proceed.limits.is_ok())
}

#[divan::bench(args = [200, 5000])]
fn twenty_conditions_on_one_tool(bencher: Bencher<'_, '_>, tools: usize) {
    let (program, facts) = (program(tools), ToolFacts::new(Category::Financial));
    let call = Call::tool("refund", Some(&facts), Arguments::Json(ARGUMENTS), chrono::DateTime::UNIX_EPOCH);
    assert!(passes(&program, &call));
    bencher.bench_local(|| passes(&program, divan::black_box(&call)));
}

#[divan::bench(args = [200, 5000])]
fn tool_without_rules(bencher: Bencher<'_, '_>, tools: usize) {
    let (program, facts) = (program(tools), ToolFacts::new(Category::Read));
    let call = Call::tool("tool_7", Some(&facts), Arguments::Json(ARGUMENTS), chrono::DateTime::UNIX_EPOCH);
    assert!(passes(&program, &call));
    bencher.bench_local(|| passes(&program, divan::black_box(&call)));
}

#[divan::bench(args = [200, 5000])]
fn parse_and_compile(bencher: Bencher<'_, '_>, tools: usize) {
    let text = document(tools);
    bencher.bench_local(|| parse(divan::black_box(&text)).map(|document| document.compile()).is_ok());
}

#[divan::bench(args = [200, 5000])]
fn compile_alone(bencher: Bencher<'_, '_>, tools: usize) {
    let document = parse(&document(tools)).unwrap_or_else(|errors| panic!("{errors:?}"));
    bencher.bench_local(|| divan::black_box(&document).compile());
}

fn main() {
    divan::main();
}
