//! A result of a hundred megabytes, in all four pairings of eras, through a process whose memory is looked at; and large
//! ones in one event, as servers on the official SDKs answer.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use ostiary_testkit::{McpSession, Program, Tenant};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const MEGABYTE: usize = 1024 * 1024;
/// In JSON, and in an event.
const RESULT: usize = 100 * MEGABYTE;
const EVENT: usize = 64 * MEGABYTE;
/// What the largest memory of the process may grow by: the first 16 MiB of an answer are read before it is known to be
/// large, and are held more than once while that is found out.
const GROWTH: usize = 96 * MEGABYTE;
/// The same for an event, which is larger: its first 8 MiB are held, by two readers where one is behind the other.
const EVENT_GROWTH: usize = 60 * MEGABYTE;

/// A server of one era whose one tool answers at length; the id stands at the end.
async fn upstream(is_modern: bool, in_event: bool) -> String {
    let answer = move |body: Bytes| async move { answer(is_modern, in_event, &body) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/mcp", any(answer))).await });
    url
}

fn answer(is_modern: bool, in_event: bool, body: &Bytes) -> Response {
    let Ok(message) = serde_json::from_slice::<Value>(body) else {
        return axum::http::StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let capabilities = json!({"tools": {}});
    let result = match (message["method"].as_str().unwrap_or_default(), is_modern) {
        ("tools/call", _) if in_event => return large_event(&message["id"]),
        ("tools/call", _) => return large(&message["id"]),
        ("tools/list", _) => json!({"tools": [{"name": "large", "inputSchema": {"type": "object"}}]}),
        ("initialize", false) => json!({
            "protocolVersion": "2025-11-25", "capabilities": capabilities,
            "serverInfo": {"name": "large", "version": "1"},
        }),
        ("server/discover", true) => json!({"supportedVersions": ["2026-07-28"], "capabilities": capabilities}),
        (method, _) if method.starts_with("notifications/") => return axum::http::StatusCode::ACCEPTED.into_response(),
        _ => {
            let error = json!({"code": -32601, "message": "not here"});
            return json_of(json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string().into());
        }
    };
    let mut result = result;
    if is_modern {
        result["resultType"] = json!("complete");
        result["ttlMs"] = json!(0);
        result["cacheScope"] = json!("private");
    }
    json_of(json!({"jsonrpc": "2.0", "id": message["id"], "result": result}).to_string().into())
}

fn large(id: &Value) -> Response {
    let begin = r#"{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":""#;
    let end = format!(r#""}}],"resultType":"complete"}},"id":{id}}}"#);
    json_of(filled(begin, RESULT, end))
}

/// A small event, and one whose data is in several lines, the message in the second; its id stands behind it.
fn large_event(id: &Value) -> Response {
    let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}});
    let link = r#"{"type":"resource_link","name":"n","uri":"n:1"}"#;
    let begin = format!(
        "data: {progress}\r\n\r\nevent: message\r\ndata: {{\r\ndata: \"jsonrpc\":\"2.0\",\"result\":{{\"content\":[{link},{{\"type\":\"text\",\"text\":\""
    );
    let end = format!("\"}}],\"resultType\":\"complete\"}},\r\ndata:\"id\":{id}}}\r\nid: e7\r\n\r\n");
    ([("content-type", "text/event-stream")], filled(&begin, EVENT, end)).into_response()
}

fn filled(begin: &str, length: usize, end: String) -> Body {
    let filler = Bytes::from(vec![b'~'; 64 * 1024]);
    let middle = std::iter::repeat_n(filler, length / (64 * 1024));
    let pieces = std::iter::once(Bytes::copy_from_slice(begin.as_bytes())).chain(middle).chain([Bytes::from(end)]);
    Body::from_stream(futures_util::stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

fn json_of(body: Body) -> Response {
    ([("content-type", "application/json")], body).into_response()
}

/// The most memory that a process ever had, in bytes.
fn most_memory(program: &Program) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// What there is of an answer beside the filler, and how much of that.
async fn read(mut answer: reqwest::Response) -> (Vec<u8>, usize) {
    let (mut rest, mut filler) = (Vec::new(), 0);
    while let Some(part) = answer.chunk().await.unwrap() {
        let before = rest.len();
        rest.extend(part.iter().filter(|byte| **byte != b'~'));
        filler += part.len() - (rest.len() - before);
    }
    (rest, filler)
}

/// The last message of an event stream, and the id of its event.
fn last_event(stream: &[u8]) -> (Value, Option<String>) {
    let text = std::str::from_utf8(stream).unwrap().replace("\r\n", "\n");
    let event = text.trim_end().rsplit("\n\n").next().unwrap();
    let lines = |field: &str| event.lines().filter_map(|line| line.strip_prefix(field)).collect::<Vec<_>>();
    let data = lines("data: ").join("\n");
    (serde_json::from_str(&data).unwrap(), lines("id: ").first().map(|id| (*id).to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn result_of_a_hundred_megabytes_streams_in_bounded_memory_in_every_pairing() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::serve(PROGRAM, data.path()).await;
    let tenant = Tenant::sign_up(program.base(), "acme").await;
    let params = json!({"name": "large", "arguments": {}});
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).to_string();
    for is_modern in [false, true] {
        let slug = if is_modern { "modern" } else { "legacy" };
        let id = tenant.server(slug, &upstream(is_modern, false).await).await;
        let policy = tenant.policy(&id, "all", &json!({"version": "1", "default": "allow"})).await;
        let grant = tenant.grant(slug, &id, &policy).await;
        let session = McpSession::open_as(&grant.url, &grant.token, &json!({"elicitation": {}})).await;
        let before = most_memory(&program);
        for id in [json!(7), json!(1)] {
            let answer = match id == 7 {
                true => session.post(&call).await.unwrap(),
                false => session.post_modern("tools/call", &params).await.unwrap(),
            };
            assert_eq!(answer.headers()["content-type"], "application/json", "JSON stays JSON");
            let (message, filler) = read(answer).await;
            let message: Value = serde_json::from_slice(&message).unwrap();
            assert_eq!((&message["id"], filler), (&id, RESULT), "{slug}: {message}");
            assert_eq!(message["result"]["content"][0]["type"], "text", "{slug}");
            assert_eq!(message["result"]["resultType"], "complete", "{slug}");
        }
        let grown = most_memory(&program) - before;
        assert!(grown < GROWTH, "{slug}: the process grew by {} MiB", grown / MEGABYTE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_event_streams_in_bounded_memory_in_every_pairing_and_at_the_account_s_endpoint() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::serve(PROGRAM, data.path()).await;
    let tenant = Tenant::sign_up(program.base(), "acme").await;
    for is_modern in [false, true] {
        let slug = if is_modern { "modern" } else { "legacy" };
        let id = tenant.server(slug, &upstream(is_modern, true).await).await;
        let policy = tenant.policy(&id, "all", &json!({"version": "1", "default": "allow"})).await;
        let grant = tenant.grant(slug, &id, &policy).await;
        let account = format!("{}/mcp/acme", program.base());
        let before = most_memory(&program);
        for (url, prefix, uri) in [(&grant.url, "", "n:1"), (&account, "s__", "n:1")] {
            let prefix = prefix.replace('s', slug);
            let uri = if prefix.is_empty() { uri.to_owned() } else { format!("ostiary+{slug}:{uri}") };
            let params = json!({"name": format!("{prefix}large"), "arguments": {}});
            let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).to_string();
            let session = McpSession::open_as(url, &grant.token, &json!({"elicitation": {}})).await;
            // Both eras at the server's endpoint, and at the account's that of the server.
            let ids: &[u64] = if prefix.is_empty() { &[7, 1] } else { &[if is_modern { 1 } else { 7 }] };
            for &id in ids {
                let answer = match id {
                    7 => session.post(&call).await.unwrap(),
                    _ => session.post_modern("tools/call", &params).await.unwrap(),
                };
                assert_eq!(answer.headers()["content-type"], "text/event-stream");
                let (stream, filler) = read(answer).await;
                let (message, event_id) = last_event(&stream);
                assert_eq!((&message["id"], filler), (&json!(id), EVENT), "{slug} {prefix}: {message}");
                assert_eq!(message["result"]["content"][0]["uri"], uri, "{slug}");
                assert_eq!(message["result"]["resultType"], "complete", "{slug}");
                // Only a client of the era that has sessions can come back, and only where the server's are resumed.
                let is_resumable = id == 7 && !is_modern;
                assert_eq!(event_id.is_some_and(|id| id != "e7"), is_resumable, "{slug} {prefix}");
            }
        }
        let grown = most_memory(&program) - before;
        assert!(grown < EVENT_GROWTH, "{slug}: the process grew by {} MiB", grown / MEGABYTE);
    }
}
