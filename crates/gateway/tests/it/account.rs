//! The account's endpoint: every server of a grant behind one address, for clients of both eras.

use std::time::{Duration, Instant};

use ostiary_testkit::{McpSession, Program, Tenant, TestGateway, TestUpstream};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

/// A tenant with a server in this process, one of the SDK, and one that is dead.
struct Town {
    gateway: TestGateway,
    tenant: Tenant,
    pay: TestUpstream,
    _shop: Program,
    pay_policy: String,
    token: String,
}

impl Town {
    async fn start(gateway: TestGateway) -> Self {
        let tenant = gateway.tenant("acme").await;
        let (pay, dead) = (TestUpstream::start().await, TestUpstream::start().await);
        let shop = Program::sample_upstream(PROGRAM).await;
        let mut bindings = Vec::new();
        let mut pay_policy = String::new();
        for (slug, url) in
            [("pay", pay.url().to_owned()), ("shop", format!("{}/mcp", shop.base())), ("dead", dead.url().to_owned())]
        {
            let server = tenant.server(slug, &url).await;
            let document = json!({
                "version": "1", "default": "allow", "hide": ["delete_*"], "resources": {"deny": ["shop://catalogue"]},
            });
            let policy = tenant.policy(&server, slug, &document).await;
            bindings.push(json!({"server_id": server, "policy_id": policy}));
            if slug == "pay" {
                pay_policy = policy;
            }
        }
        drop(dead);
        let minted = tenant.owner.post("/grants", &json!({"label": "agent", "bindings": bindings})).await.expect(201);
        let token = minted["token"].as_str().unwrap().to_owned();
        Self { gateway, tenant, pay, _shop: shop, pay_policy, token }
    }

    fn url(&self) -> String {
        format!("{}/mcp/acme", self.gateway.base())
    }
}

async fn modern(client: &McpSession, method: &str, params: &Value) -> Value {
    client.post_modern(method, params).await.unwrap().json().await.unwrap()
}

fn names(answer: &Value, list: &str, key: &str) -> Vec<String> {
    let entries = answer["result"][list].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    entries.iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_reaches_every_server_of_the_grant() {
    let town = Town::start(TestGateway::start().await).await;
    let session = McpSession::open(&town.url(), &town.token).await;

    let began = Instant::now();
    let tools = session.request("tools/list", &json!({})).await;
    assert!(began.elapsed() < Duration::from_secs(8), "the dead server delays nobody");
    let listed = names(&tools, "tools", "name");
    assert!(listed.contains(&"pay__echo".to_owned()) && !listed.contains(&"pay__delete_user".to_owned()), "{listed:?}");
    assert!(listed.iter().any(|name| name.starts_with("shop__")), "{listed:?}");
    assert_eq!(tools["result"]["_meta"]["ostiary/unavailable"][0]["server"], "dead", "{tools:#}");

    let result = session.call("pay__echo", &json!({"mark": "m"})).await;
    assert_eq!(result["content"][0]["text"], "echo was called");
    let decision = &town.tenant.decisions().await[0];
    assert_eq!((&decision["target"], &decision["server_slug"]), (&json!("echo"), &json!("pay")), "{decision:#}");
    assert!(session.refusal("pay__delete_user", &json!({})).await.is_some(), "hidden");
    for unknown in ["nobody__echo", "echo", "pay__"] {
        let answer = session.request("tools/call", &json!({"name": unknown})).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer:#}");
    }

    let resources = session.request("resources/list", &json!({})).await;
    assert_eq!(names(&resources, "resources", "uri"), ["ostiary+shop:shop://terms"], "the other one is denied");
    let read = session.request("resources/read", &json!({"uri": "ostiary+shop:shop://terms"})).await;
    assert_eq!(read["result"]["contents"][0]["uri"], "ostiary+shop:shop://terms", "{read:#}");
    let denied = session.request("resources/read", &json!({"uri": "ostiary+shop:shop://catalogue"})).await;
    assert_eq!(denied["error"]["code"], -31001, "{denied:#}");

    let prompts = session.request("prompts/list", &json!({})).await;
    let prompts = names(&prompts, "prompts", "name");
    assert!(prompts.contains(&"shop__refund_review".to_owned()), "{prompts:?}");
    let prompt = session.request("prompts/get", &json!({"name": "shop__refund_review"})).await;
    assert!(prompt["result"]["messages"].is_array(), "{prompt:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stateless_client_reaches_every_server_of_the_grant() {
    let town = Town::start(TestGateway::start().await).await;
    let client = McpSession::without_session(&town.url(), &town.token);
    let discovered = modern(&client, "server/discover", &json!({})).await;
    let capabilities = &discovered["result"]["capabilities"];
    assert!(capabilities["tools"]["listChanged"] == true && capabilities["prompts"].is_object(), "{discovered:#}");
    let tools = modern(&client, "tools/list", &json!({})).await;
    assert!(names(&tools, "tools", "name").contains(&"pay__echo".to_owned()));
    assert_eq!(tools["result"]["cacheScope"], "private");
    let called = modern(&client, "tools/call", &json!({"name": "pay__echo", "arguments": {}})).await;
    assert_eq!(called["result"]["resultType"], "complete", "{called:#}");
    assert_eq!(called["result"]["content"][0]["text"], "echo was called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_of_another_grant_or_endpoint_is_unknown() {
    let town = Town::start(TestGateway::start().await).await;
    let session = McpSession::open(&town.url(), &town.token).await;
    let other = Town::start(TestGateway::start().await).await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let at_server = session.at(&format!("{}/pay", town.url()));
    assert_eq!(at_server.post(ping).await.unwrap().status(), 404);
    assert_eq!(session.at(&other.url()).with_token(&other.token).post(ping).await.unwrap().status(), 404);
    assert_eq!(session.post(ping).await.unwrap().status(), 200);
    let ended = reqwest::Client::new().delete(town.url()).bearer_auth(&town.token);
    let ended = ended.header("mcp-session-id", session.id().unwrap()).send().await.unwrap();
    assert_eq!(ended.status(), 204);
    assert_eq!(session.post(ping).await.unwrap().status(), 404, "it has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_accounts_need_no_account_in_the_path() {
    let gateway = TestGateway::builder().set("http.account_hosts", "*.gateway.example").start().await;
    let town = Town::start(gateway).await;
    let http = reqwest::Client::new();
    let ask = async |host: &str, path: &str| {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}});
        let request = http.post(format!("{}{path}", town.gateway.base())).bearer_auth(&town.token).header("host", host);
        let request = request.header("accept", "application/json, text/event-stream").json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask("acme.gateway.example", "/mcp").await, 200);
    assert_eq!(ask("acme.gateway.example", "/mcp/pay").await, 200);
    assert_eq!(ask("acme.gateway.example", "/mcp/acme/pay").await, 404);
    assert_eq!(ask("other.gateway.example", "/mcp").await, 404);
    assert_eq!(ask("localhost", "/mcp/acme").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_streams_are_told_when_a_policy_changes_what_is_seen() {
    let town = Town::start(TestGateway::start().await).await;
    let session = McpSession::open(&town.url(), &town.token).await;
    let get = reqwest::Client::new().get(town.url()).bearer_auth(&town.token);
    let get = get.header("accept", "text/event-stream").header("mcp-session-id", session.id().unwrap());
    let mut stream = get.send().await.unwrap();
    assert_eq!(stream.status(), 200);
    town.tenant.edit_policy(&town.pay_policy, &json!({"version": "1", "default": "allow", "hide": ["echo"]})).await;
    let told = tokio::time::timeout(Duration::from_secs(20), async {
        let mut text = String::new();
        while !text.contains("list_changed") {
            text.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
        text
    });
    let told = told.await.unwrap();
    assert!(told.contains("notifications/tools/list_changed"), "{told}");
    assert!(!session.tools().await.contains(&"pay__echo".to_owned()));
    assert_eq!(town.pay.calls(), 0);
}
