use rstest::rstest;

use crate::{Inventory, lint, parse};

const INVENTORY: &str = r#"{"tools": [
    {"name": "get_user", "category": "read", "risk": "low",
     "inputSchema": {"type": "object", "properties": {"id": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}}},
    {"name": "pay", "category": "financial", "risk": "critical",
     "inputSchema": {"type": "object", "properties": {"amount": {"type": "number"}, "note": {"type": "string"}}}},
    {"name": "wipe", "category": "destructive", "risk": "critical"}
]}"#;

fn found(body: &str) -> Vec<String> {
    let document = parse(&format!("{{\"version\":\"1\",{body}}}")).unwrap_or_else(|errors| panic!("{errors:?}"));
    let inventory = Inventory::parse(INVENTORY).unwrap();
    lint(&document, Some(&inventory)).into_iter().map(|found| format!("{} {}", found.code, found.pointer)).collect()
}

#[rstest]
#[case::quiet(r#""default":"deny","tools":{"get_user":{"require":[{"conditions":[{"path":"args.id","op":"gt","value":0}]}]}}"#, &[])]
#[case::pattern(r#""default":"deny","hide":["x_*"],"tools":{"get_users":{}}"#, &["unmatched_pattern /hide/0", "unmatched_pattern /tools/get_users"])]
#[case::unknown_argument(
    r#""default":"deny","tools":{"get_user":{"require":[{"conditions":[{"any":[{"path":"args.uid","op":"eq","value":1}]}]}]}}"#,
    &["unknown_argument /tools/get_user/require/0/conditions/0/any/0/path"],
)]
#[case::argument_type(
    r#""default":"deny","tools":{"get_user":{"deny_if":[{"conditions":[{"path":"args.tags[*]","op":"gt","value":1}]}]}}"#,
    &["argument_type /tools/get_user/deny_if/0/conditions/0/path"],
)]
#[case::amount_type(
    r#""default":"deny","tools":{"pay":{"limits":[{"counter":"c","window":"day","max":1,"amount":"args.note"}]}}"#,
    &["argument_type /tools/pay/limits/0/amount"],
)]
#[case::regex(
    r#""default":"deny","tools":{"pay":{"rate_limit":{"max":1,"window":60},"require":[{"conditions":[{"path":"args.note","op":"regex","value":"ok"}]}]}}"#,
    &["unanchored_regex /tools/pay/require/0/conditions/0/value"],
)]
#[case::dead_by_itself(
    r#""default":"deny","tools":{"pay":{"action":"deny","rate_limit":{"max":1,"window":60}}}"#,
    &["dead_rule /tools/pay"],
)]
#[case::dead_by_hide(
    r#""default":"deny","hide":["p*"],"tools":{"pay":{"rate_limit":{"max":1,"window":60}}}"#,
    &["dead_rule /tools/pay"],
)]
#[case::dead_by_category(
    r#""default":"deny","categories":{"financial":{"action":"deny"}},"tools":{"pay":{"rate_limit":{"max":1,"window":60}}}"#,
    &["dead_rule /tools/pay"],
)]
#[case::unguarded(r#""default":"deny","tools":{"pay":{},"wipe":{"action":"require_approval"}}"#, &["unguarded_tool /tools/pay"])]
#[case::claims(
    r#""default":"deny","tools":{"wipe":{"require":[{"conditions":[{"path":"client.name","op":"eq","value":"x"}]}]}}"#,
    &["unguarded_tool /tools/wipe", "claim_only_guard /tools/wipe"],
)]
#[case::sessions(
    r#""default":"deny","tools":{"pay":{"limits":[{"counter":"c","window":"day","max":1,"scope":"session"}]}}"#,
    &["session_only_limits /tools/pay"],
)]
#[case::sessions_and_more(
    r#""default":"deny","all_tools":{"rate_limit":{"max":1,"window":60}},"tools":{"pay":{"limits":[{"counter":"c","window":"day","max":1,"scope":"session"}]}}"#,
    &[],
)]
#[case::unreviewed(r#""default":"allow","hide":["wipe"],"categories":{"financial":{"action":"deny"}}"#, &["unreviewed_tools /default"])]
fn document_gets_the_warnings_it_deserves(#[case] body: &str, #[case] expected: &[&str]) {
    assert_eq!(found(body), expected);
}

#[test]
fn listed_tool_that_changed_since_it_was_accepted_counts_as_unreviewed() {
    let text = r#"{"version":"1","default":"allow","tools":{"get_user":{}}}"#;
    let document = parse(text).unwrap();
    for (state, expected) in [("accepted", 0), ("changed", 1)] {
        let inventory = format!(r#"{{"tools": [{{"name": "get_user", "category": "read", "state": "{state}"}}]}}"#);
        let found = lint(&document, Some(&Inventory::parse(&inventory).unwrap()));
        let unreviewed = found.iter().filter(|found| found.code.as_str() == "unreviewed_tools").count();
        assert_eq!(unreviewed, expected, "{state}");
    }
}
