//! What reading and rewriting messages costs.

use bytes::Bytes;
use divan::{Bencher, black_box};
use ostiary_mcp::lists::{ListKind, filter};
use ostiary_mcp::sse::SseParser;
use ostiary_mcp::{Envelope, RpcError};

fn main() {
    divan::main();
}

fn call(arguments: &str) -> Vec<u8> {
    format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"create_session","arguments":{arguments},"_meta":{{"progressToken":7}}}}}}"#
    )
    .into_bytes()
}

#[divan::bench]
fn envelope_of_a_small_call(bencher: Bencher) {
    let body = call(r#"{"amount":12.5,"currency":"USD"}"#);
    bencher.bench(|| Envelope::parse(black_box(&body)).map(|envelope| envelope.method()));
}

#[divan::bench]
fn envelope_of_a_call_of_16_kib(bencher: Bencher) {
    let item = r#"{"key":"value","number":1234,"list":[1,2,3,"four"]}"#;
    let body = call(&format!(r#"{{"items":[{}]}}"#, vec![item; 16 * 1024 / item.len()].join(",")));
    bencher.bench(|| Envelope::parse(black_box(&body)).map(|envelope| envelope.method()));
}

#[divan::bench(args = [20, 200, 2000])]
fn filter_of_a_list(bencher: Bencher, tools: usize) {
    let tool = |number: usize| {
        format!(
            r#"{{"name":"tool_{number}","description":"Does what its number says","inputSchema":{{"type":"object","properties":{{"a":{{"type":"string"}}}}}}}}"#
        )
    };
    let tools: Vec<String> = (0..tools).map(tool).collect();
    let message = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{}]}}}}"#, tools.join(","));
    bencher.bench(|| filter(black_box(message.as_bytes()), Some(ListKind::Tools), |entry| !entry.key.ends_with('7')));
}

#[divan::bench]
fn frames_of_a_stream(bencher: Bencher) {
    let stream = Bytes::from(
        ": hello\n\nid: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n".repeat(100),
    );
    bencher.bench(|| {
        let mut parser = SseParser::new(1 << 20);
        parser.push(black_box(&stream).clone());
        let mut frames = 0;
        while let Ok(Some(_)) = parser.next_frame() {
            frames += 1;
        }
        frames
    });
}

#[divan::bench]
fn body_of_an_error(bencher: Bencher) {
    bencher.bench(|| black_box(RpcError::not_found()).body(None));
}
