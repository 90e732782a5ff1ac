use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn request(body: &str) -> Request<'_> {
    match Envelope::parse(body.as_bytes()).unwrap() {
        Envelope::Request(request) => request,
        other => panic!("not a request: {other:?}"),
    }
}

fn fault(body: impl AsRef<[u8]>) -> EnvelopeFault {
    Envelope::parse(body.as_ref()).unwrap_err().fault
}

#[test]
fn parse_of_a_tool_call_borrows_what_decides() {
    let body = r#" {"jsonrpc":"2.0","id": 7 ,"method":"tools/call","params":{
        "_meta":{"progressToken":"p1","x":[1]},"name":"create_session","arguments": {"amount":1e2,"a":{"a":1}},"extra":true}} "#;
    let request = request(body);
    assert_eq!(request.id.as_raw(), "7");
    assert_eq!(request.method, Method::ToolsCall);
    assert_eq!(request.params.name.as_deref(), Some("create_session"));
    assert_eq!(request.params.arguments, Some(r#"{"amount":1e2,"a":{"a":1}}"#));
    assert_eq!(request.params.meta.progress_token, Some(r#""p1""#));
    assert_eq!(request.params.meta.protocol_version, None);
    assert!(matches!(request.params.name, Some(Cow::Borrowed(_))));
}

#[test]
fn parse_of_escaped_spellings_decodes_them() {
    let body = r#"{"jsonrpc":"2.0","id":"a","m\u0065thod":"tools\/call","params":{"n\u0061me":"\u0061b"}}"#;
    let request = request(body);
    assert_eq!(request.method, Method::ToolsCall);
    assert_eq!(request.params.name.as_deref(), Some("ab"));
}

#[test]
fn parse_of_an_unknown_method_keeps_its_name() {
    let request = request(r#"{"jsonrpc":"2.0","id":1,"method":"acme/do","params":{"name":3}}"#);
    assert_eq!((request.method, &*request.method_name), (Method::Unknown, "acme/do"));
    assert_eq!(request.params.name, None);
}

#[rstest]
#[case(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"r","reason":"x"}}"#)]
fn parse_without_id_is_a_notification(#[case] body: &str) {
    let Envelope::Notification(notification) = Envelope::parse(body.as_bytes()).unwrap() else {
        panic!("not a notification");
    };
    assert_eq!(notification.method, Method::Cancelled);
    assert_eq!(notification.params.request_id.unwrap().as_raw(), r#""r""#);
}

#[rstest]
#[case(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, Some("1"))]
#[case(r#"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":""}}"#, Some(r#""x""#))]
#[case(r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}"#, None)]
#[case(r#"{"jsonrpc":"2.0","error":{"code":1,"message":""}}"#, None)]
fn parse_without_method_is_a_response(#[case] body: &str, #[case] id: Option<&str>) {
    let envelope = Envelope::parse(body.as_bytes()).unwrap();
    assert!(matches!(envelope, Envelope::Response(_)));
    assert_eq!(envelope.id().map(RequestId::as_raw), id);
}

#[rstest]
#[case("", EnvelopeFault::Syntax)]
#[case("{", EnvelopeFault::Syntax)]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}{}"#, EnvelopeFault::Syntax)]
#[case("[]", EnvelopeFault::Batch)]
#[case(r#" [{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, EnvelopeFault::Batch)]
#[case("3", EnvelopeFault::NotAnObject)]
#[case(r#"{"id":1,"method":"ping"}"#, EnvelopeFault::BadVersion)]
#[case(r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, EnvelopeFault::BadVersion)]
#[case(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, EnvelopeFault::BadId)]
#[case(r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, EnvelopeFault::BadId)]
#[case(r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, EnvelopeFault::BadId)]
#[case(r#"{"jsonrpc":"2.0","id":null,"result":{}}"#, EnvelopeFault::BadId)]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":7}"#, EnvelopeFault::BadMethod)]
#[case(r#"{"jsonrpc":"2.0","id":1}"#, EnvelopeFault::BadMethod)]
#[case(r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, EnvelopeFault::BadMethod)]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, EnvelopeFault::BadParams { member: "params" })]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, EnvelopeFault::BadParams { member: "name" })]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[]}}"#, EnvelopeFault::BadParams { member: "arguments" })]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":1}}"#, EnvelopeFault::BadParams { member: "uri" })]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/x"}}}"#, EnvelopeFault::BadParams { member: "ref" })]
fn parse_of_a_broken_message_names_the_fault(#[case] body: &str, #[case] expected: EnvelopeFault) {
    assert_eq!(fault(body), expected);
}

#[rstest]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, "method")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}"#, "method")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#, "method")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, "method")]
#[case(r#"{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}"#, "id")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}"#, "params")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}"#, "name")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","NAME":"b"}}"#, "name")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argument\u017f":{}}}"#, "arguments")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{},"_meta":{}}}"#, "_meta")]
#[case(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","_meta":{"progressToken":1,"progressToken":2}}}"#, "progressToken")]
fn parse_of_a_message_with_two_readings_refuses_it(#[case] body: &str, #[case] member: &'static str) {
    assert_eq!(fault(body), EnvelopeFault::Ambiguous { member });
}

#[test]
fn parse_of_other_bytes_than_text_is_refused() {
    assert_eq!(fault(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}"), EnvelopeFault::NotUtf8);
}

#[test]
fn parse_beyond_the_depth_is_refused() {
    let body = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{{"x":{open}{close}}}}}}}"#
        )
    };
    assert!(Envelope::parse(body(61).as_bytes()).is_ok());
    assert_eq!(fault(body(62)), EnvelopeFault::TooDeep);
}

#[test]
fn error_about_params_answers_with_the_id() {
    let error = Envelope::parse(br#"{"jsonrpc":"2.0","id":"q","method":"tools/call"}"#).unwrap_err();
    let body: serde_json::Value = serde_json::from_slice(&error.body()).unwrap();
    assert_eq!(body["id"], "q");
    assert_eq!(body["error"]["code"], -32602);
}

#[test]
fn parse_with_modern_meta_sees_the_version_whatever_its_type() {
    let body =
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}"#;
    assert_eq!(request(body).params.meta.protocol_version.as_deref(), Some("1"));
}

proptest! {
    #[test]
    fn parse_of_any_bytes_returns(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Envelope::parse(&body);
    }

    #[test]
    fn parse_of_any_mutated_call_returns(at in 0usize..80, byte in any::<u8>()) {
        let mut body = br#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","arguments":{"x":"\u00e9"}}}"#.to_vec();
        body[at] = byte;
        if let Ok(envelope) = Envelope::parse(&body) {
            // Whatever was accepted reads the same to an ordinary parser.
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
            if let Envelope::Request(request) = &envelope {
                prop_assert_eq!(value["method"].as_str(), Some(&*request.method_name));
                if let Some(name) = &request.params.name {
                    prop_assert_eq!(value["params"]["name"].as_str(), Some(&**name));
                }
            }
        }
    }
}
