use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn down(from: Era, to: Era, method: Method) -> Down {
    Down {
        from,
        to,
        method,
        id: (from != to && to == Era::Modern).then(|| "\"theirs\"".to_owned()),
        progress_token: (from == Era::Legacy).then(|| "9".to_owned()),
        log_level: Some("warning".to_owned()),
        hints: Hints { ttl_max_ms: 5000, server_info: Some(r#"{"name":"s"}"#.to_owned()) },
        may_ask: false,
    }
}

#[test]
fn request_to_modern_and_back_is_what_it_was() {
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{ "x" : 1 },"_meta":{"progressToken":5,"k":2}}}"#;
    let carried = Carried { capabilities: r#"{"roots":{}}"#, client_info: Some("{}"), log_level: Some("info") };
    let modern = to_modern(body, carried).unwrap();
    let meta = &value(&modern)["params"]["_meta"];
    assert_eq!(meta[PROTOCOL_VERSION], "2026-07-28");
    assert_eq!(meta[CLIENT_CAPABILITIES], json!({"roots": {}}));
    assert_eq!(meta[LOG_LEVEL], "info");
    assert!(String::from_utf8_lossy(&modern).contains(r#""arguments":{ "x" : 1 }"#), "arguments stay as they were");
    let back = to_legacy(&modern, "ours", Some("token")).unwrap();
    assert_eq!(
        value(&back),
        json!({"jsonrpc": "2.0", "id": "ours", "method": "tools/call",
            "params": {"name": "a", "arguments": {"x": 1}, "_meta": {"progressToken": "token", "k": 2}}})
    );
}

#[test]
fn request_without_params_gets_them() {
    let carried = Carried { capabilities: "{}", client_info: None, log_level: None };
    let modern = to_modern(br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, carried).unwrap();
    assert_eq!(value(&modern)["params"]["_meta"], json!({PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: {}}));
}

#[test]
fn result_to_a_modern_client_has_what_every_modern_one_has() {
    let message = br#"{"result":{"tools":[]},"jsonrpc":"2.0","id":"ours"}"#;
    let Ok(Passed::Rewritten(out)) = down(Era::Legacy, Era::Modern, Method::ToolsList).message(message) else {
        panic!("not rewritten")
    };
    assert_eq!(
        value(&out),
        json!({"jsonrpc": "2.0", "id": "theirs", "result": {"tools": [], "resultType": "complete", "ttlMs": 0,
            "cacheScope": "private", "_meta": {SERVER_INFO: {"name": "s"}}}})
    );
}

#[rstest]
#[case(r#"{"resultType":"complete","tools":[],"ttlMs":60000,"cacheScope":"public"}"#, 5000)]
#[case(r#"{"resultType":"complete","tools":[],"ttlMs":100,"cacheScope":"public"}"#, 100)]
#[case(r#"{"resultType":"complete","tools":[],"ttlMs":-1,"cacheScope":"x"}"#, 0)]
fn hints_of_a_list_are_private_and_short(#[case] result: &str, #[case] ttl_ms: u64) {
    let message = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
    let Ok(Passed::Rewritten(out)) = down(Era::Modern, Era::Modern, Method::ToolsList).message(message.as_bytes())
    else {
        panic!("not rewritten")
    };
    assert_eq!(value(&out)["result"]["ttlMs"], ttl_ms);
    assert_eq!(value(&out)["result"]["cacheScope"], "private");
}

#[test]
fn result_of_a_modern_call_passes_as_it_came() {
    let message = br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}}"#;
    assert_eq!(down(Era::Modern, Era::Modern, Method::ToolsCall).message(message), Ok(Passed::Unchanged));
    assert_eq!(down(Era::Modern, Era::Legacy, Method::ToolsCall).message(message), Ok(Passed::Unchanged));
}

#[rstest]
#[case(Era::Legacy, Era::Modern, -32002, -32602)]
#[case(Era::Legacy, Era::Modern, -32042, -32603)]
#[case(Era::Modern, Era::Legacy, -32602, -32002)]
#[case(Era::Modern, Era::Legacy, -32603, -32603)]
fn errors_have_the_code_of_the_clients_era(#[case] from: Era, #[case] to: Era, #[case] code: i64, #[case] told: i64) {
    let message = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": "m", "data": {"uri": "x"}}});
    let passed = down(from, to, Method::ResourcesRead).message(message.to_string().as_bytes()).unwrap();
    let out = match passed {
        Passed::Rewritten(out) => value(&out),
        _ => message,
    };
    assert_eq!(out["error"], json!({"code": told, "message": "m", "data": {"uri": "x"}}));
}

#[test]
fn notifications_to_a_modern_client_are_those_of_its_request() {
    let down = down(Era::Legacy, Era::Modern, Method::ToolsCall);
    let progress =
        br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"o","progress":1}}"#;
    let Ok(Passed::Rewritten(out)) = down.message(progress) else { panic!("not rewritten") };
    assert_eq!(value(&out)["params"], json!({"progressToken": 9, "progress": 1}));
    let log = |level: &str| {
        let message =
            json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": level, "data": 1}});
        down.message(message.to_string().as_bytes()).unwrap()
    };
    assert_eq!(log("error"), Passed::Unchanged);
    assert_eq!(log("info"), Passed::Dropped);
    let changed = br#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    assert_eq!(down.message(changed), Ok(Passed::Dropped));
}

#[test]
fn requests_of_a_legacy_server_are_answered_for_a_modern_client() {
    let down = down(Era::Legacy, Era::Modern, Method::ToolsCall);
    let ping = down.message(br#"{"jsonrpc":"2.0","id":3,"method":"ping"}"#);
    assert_eq!(ping, Ok(Passed::Refused(br#"{"jsonrpc":"2.0","id":3,"result":{}}"#.to_vec())));
    let Ok(Passed::Refused(answer)) = down.message(br#"{"jsonrpc":"2.0","id":3,"method":"roots/list"}"#) else {
        panic!("not refused")
    };
    assert_eq!(value(&answer)["error"]["code"], -32601);
}
