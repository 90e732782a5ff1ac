//! What the envelope reads of a message is what another reader of JSON finds there: the method, the id, and what decides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ostiary_mcp::Envelope;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let envelope = match Envelope::parse(body) {
        Ok(envelope) => envelope,
        Err(error) => {
            // Every error has an answer that is a message itself.
            assert!(serde_json::from_slice::<Value>(&error.body()).is_ok());
            return;
        }
    };
    // Numbers that the other reader cannot hold are JSON all the same.
    let Ok(other) = serde_json::from_slice::<Value>(body) else { return };
    assert_eq!(other["jsonrpc"], "2.0");
    if let Some(id) = envelope.id() {
        assert_eq!(serde_json::from_str::<Value>(id.as_raw()).expect("an id is JSON"), other["id"]);
    }
    if let Some(method) = envelope.method().and_then(ostiary_mcp::Method::as_str) {
        assert_eq!(other["method"], method);
    }
    let Some(params) = envelope.params() else { return };
    let theirs = &other["params"];
    for (ours, member) in [(&params.name, "name"), (&params.uri, "uri"), (&params.cursor, "cursor")] {
        if let Some(ours) = ours {
            assert_eq!(theirs[member], ours.as_ref());
        }
    }
    if let Some(arguments) = params.arguments {
        let arguments: Value = serde_json::from_str(arguments).expect("arguments are JSON");
        assert_eq!(arguments, theirs["arguments"]);
    }
});
