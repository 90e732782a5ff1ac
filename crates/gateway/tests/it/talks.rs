//! Gateways apart before a server of the stateless revision: what a client with a session answers or cancels at the one
//! reaches the call that the other holds.

use std::time::Duration;

use ostiary_testkit::{EraServer, Grant, McpSession, PATIENCE, Program, Tenant, TestPostgres, TestRedis, wait_until};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// The next message of an event stream.
async fn next(stream: &mut Response, rest: &mut String) -> Value {
    loop {
        if let Some((event, behind)) = rest.split_once("\n\n") {
            let data: String = event.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
            let message = serde_json::from_str(&data).ok();
            *rest = behind.to_owned();
            if let Some(message) = message {
                return message;
            }
            continue;
        }
        let part = timeout(PATIENCE, stream.chunk()).await.unwrap().unwrap().unwrap();
        rest.push_str(std::str::from_utf8(&part).unwrap());
    }
}

fn call(id: u64, tool: &str) -> String {
    let params = json!({"name": tool, "arguments": {}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
}

async fn tell(session: &McpSession, message: &Value) {
    assert_eq!(session.post(&message.to_string()).await.unwrap().status(), StatusCode::ACCEPTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_cancellations_reach_calls_that_another_gateway_holds() {
    let (Some(server), Some(database), Some(redis)) =
        (EraServer::start("modern").await, TestPostgres::create().await, TestRedis::own())
    else {
        return;
    };
    let variables = [
        ("OSTIARY_DATABASE_URL", database.url()),
        ("OSTIARY_REDIS_URL", redis.url()),
        ("OSTIARY_SECRET_KEY", KEY),
        ("OSTIARY_DATABASE_CONNECTIONS", "4"),
    ];
    let api = Program::replica(PROGRAM, "api", &variables).await;
    let first = Program::replica(PROGRAM, "proxy", &variables).await;
    let second = Program::replica(PROGRAM, "proxy", &variables).await;
    let tenant = Tenant::sign_up(api.base(), "acme").await;
    let id = tenant.server("one", server.url()).await;
    let policy = tenant.policy(&id, "all", &json!({"version": "1", "default": "allow"})).await;
    let Grant { url, token, .. } = tenant.grant("agent", &id, &policy).await;
    let at = |proxy: &Program| url.replace(api.base(), proxy.base());
    let here = McpSession::open_as(&at(&first), &token, &json!({"elicitation": {}})).await;
    let there = here.at(&at(&second));

    let mut stream = here.post(&call(7, "elicit")).await.unwrap();
    let mut rest = String::new();
    let question = next(&mut stream, &mut rest).await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let result = json!({"action": "accept", "content": {"colour": "green"}});
    tell(&there, &json!({"jsonrpc": "2.0", "id": question["id"], "result": result})).await;
    let answer = next(&mut stream, &mut rest).await;
    assert_eq!(answer["id"], 7, "{answer}");
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("green"), "{answer}");

    let waiting = tokio::spawn({
        let here = here.clone();
        async move { here.post(&call(8, "wait")).await.unwrap().text().await.unwrap() }
    });
    // So that the call is under way when it is cancelled.
    wait_until("the call is recorded", async || {
        tenant.decisions().await.iter().any(|decision| decision["target"] == "wait").then_some(())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    tell(&there, &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 8}})).await;
    timeout(PATIENCE, waiting).await.expect("the call ends").unwrap();
    wait_until("the server is told", async || {
        (there.call("cancelled", &json!({})).await["content"][0]["text"] == "1").then_some(())
    })
    .await;
}
