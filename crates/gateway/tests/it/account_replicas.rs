//! What a client of the account's endpoint was given to bring back, brought to another process than gave it.

use std::time::Duration;

use ostiary_testkit::{EraServer, Tenant};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::replicas::Replicas;

/// A client with a session at the account's endpoint.
struct Agent {
    http: Client,
    token: String,
    session: String,
}

impl Agent {
    async fn open(url: &str, token: &str) -> Self {
        let mut agent = Self { http: Client::new(), token: token.to_owned(), session: String::new() };
        let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}},
            "clientInfo": {"name": "agent", "version": "1"}});
        let answer = agent.request(url, "initialize", &params).await;
        agent.session = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        agent
    }

    fn send(&self, method: Method, url: &str) -> RequestBuilder {
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let request = request.header("accept", "application/json, text/event-stream");
        if self.session.is_empty() { request } else { request.header("mcp-session-id", &self.session) }
    }

    async fn request(&self, url: &str, method: &str, params: &Value) -> Response {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        self.send(Method::POST, url).json(&body).send().await.unwrap()
    }

    async fn resume(&self, url: &str, last: &str) -> Response {
        self.send(Method::GET, url).header("last-event-id", last).send().await.unwrap()
    }
}

/// Reads a stream until a text has come, or it ends.
async fn until(stream: &mut Response, text: &str) -> String {
    let mut read = String::new();
    let reading = async {
        while let Some(chunk) = stream.chunk().await.unwrap() {
            read.push_str(std::str::from_utf8(&chunk).unwrap());
            if read.contains(text) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.unwrap();
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_broken_streams_find_their_server_through_another_process() {
    let Some(server) = EraServer::start("legacy").await else { return };
    let Some(replicas) = Replicas::start().await else { return };
    let tenant = Tenant::sign_up(replicas.api.base(), "acme").await;
    let features = tenant.server("features", server.url()).await;
    let policy = tenant.policy(&features, "all", &json!({"version": "1", "default": "allow"})).await;
    let grant = tenant.grant("agent", &features, &policy).await;
    let [here, there] = [&replicas.first, &replicas.second].map(|proxy| format!("{}/mcp/acme", proxy.base()));
    let agent = Agent::open(&here, &grant.token).await;

    let mut asking = agent.request(&here, "tools/call", &json!({"name": "features__sample", "arguments": {}})).await;
    let asked = until(&mut asking, "sampling/createMessage").await;
    let asked = asked.lines().filter_map(|line| line.strip_prefix("data: ")).find(|data| data.contains("sampling"));
    let asked: Value = serde_json::from_str(asked.expect("the question")).unwrap();
    assert!(asked["id"].as_str().is_some_and(|id| id.starts_with("features:")), "{asked:#}");
    let sample = json!({"model": "none", "role": "assistant", "content": {"type": "text", "text": "from elsewhere"}});
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": sample});
    let taken = agent.send(Method::POST, &there).json(&answer).send().await.unwrap();
    assert_eq!(taken.status(), 202);
    assert!(until(&mut asking, "from elsewhere").await.contains("from elsewhere"));

    let mut broken = agent.request(&here, "tools/call", &json!({"name": "features__pause", "arguments": {}})).await;
    let begun = until(&mut broken, "resumed").await;
    assert!(!begun.contains("resumed"), "the server ends the stream first: {begun}");
    let last = begun.lines().rev().find_map(|line| line.strip_prefix("id: ")).expect("an event to come back with");
    let mut rest = agent.resume(&there, last).await;
    assert_eq!(rest.status(), 200);
    assert!(until(&mut rest, "resumed").await.contains("resumed"));

    let stranger = Agent::open(&here, &grant.token).await;
    assert_eq!(stranger.resume(&here, last).await.status(), 404, "it is of another session");
    let answered = stranger.send(Method::POST, &here).json(&answer).send().await.unwrap();
    assert_eq!(answered.status(), 202, "nobody asked that, and nobody is told");
}
