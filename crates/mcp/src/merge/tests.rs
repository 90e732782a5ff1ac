use serde_json::{Value, json};

use super::*;
use crate::envelope::Envelope;

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn page<'a>(unavailable: &'a [(&'a str, &'static str)], era: Era) -> Page<'a> {
    Page {
        kind: ListKind::Tools,
        era,
        next_cursor: Some("c"),
        unavailable,
        server_info: r#"{"name":"acme"}"#,
        ttl_ms: 5,
    }
}

#[test]
fn part_has_the_entries_under_their_new_names_and_otherwise_as_they_came() {
    let message =
        br#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"get","x": [1]},{"name":"put"}],"nextCursor":"n"}}"#;
    let part = Part::read(message, ListKind::Tools, "pay").unwrap().unwrap();
    assert_eq!(part.entries, [r#"{"name":"pay__get","x": [1]}"#, r#"{"name":"pay__put"}"#]);
    assert_eq!(part.next_cursor.as_deref(), Some("n"));
}

#[test]
fn part_of_an_error_is_none_and_of_anything_else_refused() {
    let error = br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":""}}"#;
    assert_eq!(Part::read(error, ListKind::Prompts, "pay"), Ok(None));
    for message in
        [&b"[]"[..], b"{}", br#"{"result":{}}"#, br#"{"result":{"prompts":[{}]}}"#, br#"{"result":{"prompts":[1]}}"#]
    {
        assert!(Part::read(message, ListKind::Prompts, "pay").is_err(), "{}", String::from_utf8_lossy(message));
    }
}

#[test]
fn write_names_the_servers_that_are_missing() {
    let envelope = Envelope::parse(br#"{"jsonrpc":"2.0","id":"q","method":"tools/list"}"#).unwrap();
    let id = envelope.id().unwrap();
    let parts = [
        Part { entries: vec![r#"{"name":"a__x"}"#.to_owned()], next_cursor: None },
        Part { entries: vec![r#"{"name":"b__y"}"#.to_owned()], next_cursor: None },
    ];
    let legacy = value(&write(id, page(&[("slow", "timeout")], Era::Legacy), &parts));
    assert_eq!(
        legacy,
        json!({"jsonrpc": "2.0", "id": "q", "result": {
            "tools": [{"name": "a__x"}, {"name": "b__y"}], "nextCursor": "c",
            "_meta": {UNAVAILABLE: [{"server": "slow", "reason": "timeout"}]}}})
    );
    let modern = value(&write(id, page(&[], Era::Modern), &parts));
    assert_eq!(modern["result"]["cacheScope"], "private");
    assert_eq!(modern["result"]["_meta"], json!({SERVER_INFO: {"name": "acme"}}));
}

#[test]
fn with_param_and_with_reference_keep_what_they_do_not_name() {
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay__x","arguments":{"n": 1.0}}}"#;
    let edited = with_param(body, "name", Some("x")).unwrap();
    assert_eq!(
        String::from_utf8(edited).unwrap(),
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"n": 1.0}}}"#
    );
    let body =
        br#"{"id":1,"params":{"ref":{"type":"ref/prompt","name":"pay__p"},"argument":{"name":"a","value":"b"}}}"#;
    let edited = value(&with_reference(body, "name", "p").unwrap());
    assert_eq!(edited["params"]["ref"], json!({"type": "ref/prompt", "name": "p"}));
    assert_eq!(edited["params"]["argument"]["value"], "b");
}
