use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn without(message: &str, expected: Option<ListKind>, hidden: &[&str]) -> Result<String, ListError> {
    Ok(match filter(message.as_bytes(), expected, |entry| !hidden.contains(&&*entry.key))? {
        Filtered::Unchanged => message.to_owned(),
        Filtered::Rewritten(bytes) => String::from_utf8(bytes).unwrap(),
    })
}

#[test]
fn filter_removes_entries_and_keeps_every_other_byte() {
    let message = r#"{"jsonrpc":"2.0", "id":1e0 ,"result":{"x":1.0,"tools":[ {"name":"a","n":1.50}, {"name":"b"} ,{"title":"C","name":"\u0063"}],"nextCursor":"","_meta":{ }}}"#;
    assert_eq!(
        without(message, Some(ListKind::Tools), &["b"]).unwrap(),
        r#"{"jsonrpc":"2.0", "id":1e0 ,"result":{"x":1.0,"tools":[{"name":"a","n":1.50},{"title":"C","name":"\u0063"}],"nextCursor":"","_meta":{ }}}"#
    );
    assert!(without(message, Some(ListKind::Tools), &["a", "b", "c"]).unwrap().contains(r#""tools":[],"#));
}

#[rstest]
#[case(
    ListKind::Resources,
    r#"{"id":1,"result":{"resources":[{"uri":"file:///a","name":"x"},{"uri":"file:///b","name":"x"}]}}"#,
    "file:///a"
)]
#[case(
    ListKind::ResourceTemplates,
    r#"{"id":1,"result":{"resourceTemplates":[{"uriTemplate":"db://{a}"},{"uriTemplate":"db://{b}"}]}}"#,
    "db://{a}"
)]
#[case(ListKind::Prompts, r#"{"id":1,"result":{"prompts":[{"name":"p"},{"name":"q"}]}}"#, "p")]
fn filter_knows_each_list_by_its_key(#[case] kind: ListKind, #[case] message: &str, #[case] hidden: &str) {
    for expected in [Some(kind), None] {
        let out: Value = serde_json::from_str(&without(message, expected, &[hidden]).unwrap()).unwrap();
        assert_eq!(out["result"][kind.member()].as_array().unwrap().len(), 1);
    }
}

#[rstest]
#[case(r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#)]
#[case(r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"tools":3}}"#)]
#[case(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"tools":[{"name":"a"}]}}}"#)]
#[case(r#"{"jsonrpc":"2.0","id":1,"result":{"tools":{"a":1}}}"#)]
fn filter_of_other_messages_leaves_them_alone(#[case] message: &str) {
    assert_eq!(filter(message.as_bytes(), None, |_| false), Ok(Filtered::Unchanged));
}

#[test]
fn filter_with_an_expected_list_looks_into_the_others_too() {
    let message = r#"{"id":1,"result":{"tools":[],"prompts":[{"name":"a"}]}}"#;
    assert_eq!(
        without(message, Some(ListKind::Tools), &["a"]).unwrap(),
        r#"{"id":1,"result":{"tools":[],"prompts":[]}}"#
    );
}

#[rstest]
#[case("", ListError::Unreadable)]
#[case(r#"{"result":{"tools":[}}"#, ListError::Unreadable)]
#[case(r#"[{"result":{"tools":[]}}]"#, ListError::Batch)]
#[case(r#"{"result":{}}"#, ListError::Missing { member: "tools" })]
#[case(r#"{"result":3}"#, ListError::Missing { member: "tools" })]
#[case(r#"{"result":{"tools":{}}}"#, ListError::Missing { member: "tools" })]
#[case(r#"{"result":{"tools":[3]}}"#, ListError::Entry { member: "tools", key: "name" })]
#[case(r#"{"result":{"tools":[{"title":"a"}]}}"#, ListError::Entry { member: "tools", key: "name" })]
#[case(r#"{"result":{"tools":[{"name":7}]}}"#, ListError::Entry { member: "tools", key: "name" })]
#[case(r#"{"result":{"tools":[{"name":"\ud800"}]}}"#, ListError::Entry { member: "tools", key: "name" })]
#[case(r#"{"result":{"tools":[{"name":"a","name":"b"}]}}"#, ListError::Ambiguous { member: "name" })]
#[case(r#"{"result":{"tools":[{"name":"a","Name":"b"}]}}"#, ListError::Ambiguous { member: "name" })]
#[case(r#"{"result":{"tools":[],"tools":[{"name":"b"}]}}"#, ListError::Ambiguous { member: "tools" })]
#[case(r#"{"result":{"tools":[],"Tools":[{"name":"b"}]}}"#, ListError::Ambiguous { member: "tools" })]
#[case(r#"{"result":{"tools":[]},"result":{"tools":[{"name":"b"}]}}"#, ListError::Ambiguous { member: "result" })]
#[case(r#"{"method":"x","result":{"tools":[]}}"#, ListError::Ambiguous { member: "result" })]
fn filter_of_an_odd_list_refuses_it(#[case] message: &str, #[case] expected: ListError) {
    assert_eq!(filter(message.as_bytes(), Some(ListKind::Tools), |_| true), Err(expected));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), "[ -~é\"\\\\]{0,8}".prop_map(Value::from),];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[x-z\"{]{1,3}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn filter_that_keeps_everything_changes_nothing(names in proptest::collection::vec(".{0,6}", 0..6), more in value()) {
        let tools: Vec<Value> = names.iter().map(|name| json!({"name": name, "x": more.clone()})).collect();
        let message = json!({"id": 1, "result": {"tools": tools, "y": more.clone()}}).to_string();
        prop_assert_eq!(filter(message.as_bytes(), Some(ListKind::Tools), |_| true), Ok(Filtered::Unchanged));
    }

    #[test]
    fn filter_equals_filtering_the_decoded_list(names in proptest::collection::vec("[a-d\"]", 0..6), more in value(), pretty: bool) {
        let tools: Vec<Value> = names.iter().map(|name| json!({"x": more.clone(), "name": name})).collect();
        let mut message = json!({"id": 1, "result": {"a": more.clone(), "tools": tools, "y": more.clone()}});
        let text = if pretty { serde_json::to_string_pretty(&message).unwrap() } else { message.to_string() };
        let out = without(&text, None, &["a", "\""]).unwrap();
        message["result"]["tools"].as_array_mut().unwrap().retain(|tool| tool["name"] != "a" && tool["name"] != "\"");
        prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), message);
    }

    #[test]
    fn filter_of_any_bytes_returns(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = filter(&bytes, None, |_| false);
    }
}
