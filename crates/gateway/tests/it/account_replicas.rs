//! What a client of the account's endpoint was given to bring back, brought to another process than gave it.

use std::time::Duration;

use ostiary_testkit::{EraServer, Tenant, wait_until};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_cancellations_and_the_end_of_a_session_hold_in_every_process() {
    let Some(server) = EraServer::start("legacy").await else { return };
    let Some(replicas) = Replicas::start().await else { return };
    let tenant = Tenant::sign_up(replicas.api.base(), "acme").await;
    let features = tenant.server("features", server.url()).await;
    let policy = tenant.policy(&features, "all", &json!({"version": "1", "default": "allow"})).await;
    let grant = tenant.grant("agent", &features, &policy).await;
    let [here, there] = [&replicas.first, &replicas.second].map(|proxy| format!("{}/mcp/acme", proxy.base()));
    let agent = Agent::open(&here, &grant.token).await;
    let tool = |name: &str| json!({"name": format!("features__{name}"), "arguments": {}});

    let mut stream = agent.send(Method::GET, &there).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let note = json!({"uri": "ostiary+features:note://one"});
    assert_eq!(agent.request(&here, "resources/subscribe", &note).await.status(), 200);
    // The other process looks once a second where the client has sessions.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(agent.request(&here, "tools/call", &tool("touch")).await.status(), 200);
    let told = until(&mut stream, "notifications/resources/updated").await;
    assert!(told.contains("ostiary+features:note://one"), "{told}");
    assert_eq!(agent.request(&there, "tools/call", &tool("touch")).await.status(), 200);
    assert!(until(&mut stream, "resources/updated").await.contains("note://one"), "it is one session at the server");

    let waiting = agent
        .send(Method::POST, &here)
        .json(&json!({"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": tool("wait")}));
    let waiting = tokio::spawn(async move { waiting.send().await.unwrap().text().await });
    wait_until("the call is recorded", async || {
        tenant.decisions().await.iter().any(|decision| decision["target"] == "wait").then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 8}});
    assert_eq!(agent.send(Method::POST, &there).json(&cancelled).send().await.unwrap().status(), 202);
    wait_until("the server is told", async || {
        let answer = agent.request(&there, "tools/call", &tool("cancelled")).await.text().await.unwrap();
        answer.contains(r#""text":"1""#).then_some(())
    })
    .await;
    waiting.abort();

    assert_eq!(agent.send(Method::DELETE, &here).send().await.unwrap().status(), 204);
    wait_until("the other process knows the end", async || {
        let answer = agent.request(&there, "tools/call", &tool("cancelled")).await;
        (answer.status() == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    assert_eq!(agent.request(&there, "tools/list", &json!({})).await.status(), 404);
    assert_eq!(agent.send(Method::GET, &there).send().await.unwrap().status(), 404);
    let ended = async { while stream.chunk().await.is_ok_and(|chunk| chunk.is_some()) {} };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the stream ends with the session");
}
