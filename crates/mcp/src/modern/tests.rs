use http::HeaderValue;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::envelope::Envelope;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    pairs.iter().map(pair).collect()
}

const GOOD: [(&str, &str); 3] =
    [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "echo")];

fn check(meta: &serde_json::Value, headers: &HeaderMap) -> Result<(), i64> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "_meta": meta}});
    let body = body.to_string();
    let Ok(Envelope::Request(request)) = Envelope::parse(body.as_bytes()) else { panic!("no request") };
    check_request(&request, headers).map_err(|fault| fault.to_rpc().code())
}

fn meta() -> serde_json::Value {
    json!({PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: {}})
}

#[test]
fn request_whose_headers_agree_passes() {
    assert_eq!(check(&meta(), &headers(&GOOD)), Ok(()));
    let encoded = [GOOD[0], GOOD[1], ("mcp-name", "=?base64?ZWNobw==?=")];
    assert_eq!(check(&meta(), &headers(&encoded)), Ok(()));
}

#[rstest]
#[case(&[GOOD[1], GOOD[2]], -32020)]
#[case(&[GOOD[0], GOOD[2]], -32020)]
#[case(&[GOOD[0], GOOD[1]], -32020)]
#[case(&[("mcp-protocol-version", "2025-11-25"), GOOD[1], GOOD[2]], -32020)]
#[case(&[GOOD[0], ("mcp-method", "Tools/call"), GOOD[2]], -32020)]
#[case(&[GOOD[0], GOOD[1], ("mcp-name", "delete")], -32020)]
#[case(&[GOOD[0], GOOD[1], ("mcp-name", "=?base64?%%%?=")], -32020)]
#[case(&[GOOD[0], GOOD[1], ("mcp-name", "\u{e9}cho")], -32020)]
fn request_whose_headers_do_not_agree_is_refused(#[case] pairs: &[(&'static str, &str)], #[case] code: i64) {
    assert_eq!(check(&meta(), &headers(pairs)), Err(code));
}

#[test]
fn request_with_a_header_twice_is_refused() {
    let mut twice = headers(&GOOD);
    twice.append(NAME, HeaderValue::from_static("echo"));
    assert_eq!(check(&meta(), &twice), Err(-32020));
}

#[test]
fn request_without_what_it_must_carry_is_refused() {
    assert_eq!(check(&json!({}), &headers(&GOOD)), Err(-32602));
    assert_eq!(check(&json!({PROTOCOL_VERSION: "2026-07-28"}), &headers(&GOOD)), Err(-32602));
    let odd = json!({PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: 1});
    assert_eq!(check(&odd, &headers(&GOOD)), Err(-32602));
    let later = json!({PROTOCOL_VERSION: "2099-01-01", CLIENT_CAPABILITIES: {}});
    let version = [("mcp-protocol-version", "2099-01-01"), GOOD[1], GOOD[2]];
    assert_eq!(check(&later, &headers(&version)), Err(-32022));
}

#[test]
fn param_headers_are_found_checked_and_written() {
    let schema = json!({"properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "deep": {"properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
        "bad": {"x-mcp-header": "not a token"}, "items": {"items": {"properties": {"x": {"x-mcp-header": "X"}}}},
    }});
    let params = ParamHeaders::of(&schema);
    let arguments = Some(r#"{"region":"\u00e9u","deep":{"n":42},"bad":1}"#);
    let good = headers(&[("mcp-param-region", "=?base64?w6l1?="), ("mcp-param-n", "42.0"), ("mcp-param-other", "x")]);
    assert_eq!(params.check(arguments, &good), Ok(()));
    for bad in [
        headers(&[("mcp-param-n", "42")]),
        headers(&[("mcp-param-region", "eu"), ("mcp-param-n", "42")]),
        headers(&[("mcp-param-region", "=?base64?w6l1?="), ("mcp-param-n", "43")]),
    ] {
        assert!(params.check(arguments, &bad).is_err());
    }
    assert!(params.check(Some("{}"), &good).is_err(), "a header of an argument that is not there");
    assert_eq!(params.check(None, &HeaderMap::new()), Ok(()));
    let mut written: Vec<String> = params.write(arguments).map(|(name, text)| format!("{name}: {text}")).collect();
    written.sort();
    assert_eq!(written, ["mcp-param-n: 42", "mcp-param-region: =?base64?w6l1?="]);
}

#[test]
fn header_text_is_encoded_only_where_it_must_be() {
    assert_eq!(header_text("file:///a b"), "file:///a b");
    assert_eq!(header_text(" x"), "=?base64?IHg=?=");
    assert_eq!(header_text("=?base64?x?="), "=?base64?PT9iYXNlNjQ/eD89?=");
}
