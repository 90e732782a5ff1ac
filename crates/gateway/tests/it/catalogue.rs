//! The catalogue from a file of definitions, and from a server that answers, to the page that anybody reads.

use std::path::Path;
use std::process::Output;

use ostiary_testkit::{Program, TestGateway, TestUpstream};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

fn import(data: &Path, source: &str) -> Output {
    let mut command = std::process::Command::new(PROGRAM);
    command.args(["catalogue", "import", source]).env("OSTIARY_DATA_DIR", data).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn json_of(url: String) -> Value {
    reqwest::get(url).await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

/// Definitions of a server with a tool that makes a token and one that opens a checkout.
fn definitions() -> String {
    let line = |tool: &str, description: &str| {
        json!({
            "package": "@latam/mcp-afip", "repo": "latam/all", "version": "0.2.0", "server": "afip", "tool": tool,
            "description": description, "inputSchema": {"type": "object", "properties": {"scopes": {"type": "string"}}}
        })
    };
    let lines = [
        line("create_widget_token", "Create an access token for the bank's widget that lasts a few minutes"),
        line(
            "create_session",
            "Create a checkout session for the payment page, which loads the methods and handles the flow",
        ),
        line("create_session", "The same name once more"),
        json!({"tool": "homeless", "description": "Belongs to nobody"}),
    ];
    lines.map(|line| format!("{line}\n")).concat() + "not JSON\n"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tools_of_a_file_are_published_with_their_rules_and_every_question_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("tools.jsonl"));
    std::fs::write(&file, definitions()).unwrap();
    let first = said(&import(&data, file.to_str().unwrap()));
    assert!(first.contains("servers: 1 written with 2 tools"), "{first}");
    for reason in ["1 (a second tool of the same name)", "1 (neither package nor URL)", "1 (not a JSON object)"] {
        assert!(first.contains(reason), "{reason} is not in {first}");
    }
    let again = said(&import(&data, file.to_str().unwrap()));
    assert!(again.contains("servers: 0 written with 0 tools, 1 unchanged"), "{again}");

    let program = Program::serve(PROGRAM, &data).await;
    let api = format!("{}/api/v1/catalogue/servers/latam-mcp-afip", program.base());
    for (tool, category, risk, max) in
        [("create_widget_token", "write", "medium", 30), ("create_session", "execute", "high", 10)]
    {
        let found = json_of(format!("{api}/tools/{tool}")).await;
        assert_eq!(
            (&found["classification"]["category"], &found["classification"]["risk"]),
            (&category.into(), &risk.into())
        );
        let document = &found["recommended_policy"]["document"];
        let limit = json!({"counter": format!("{tool}_rate"), "window": "minute", "max": max, "scope": "grant"});
        assert_eq!(document["tools"][tool]["limits"], json!([limit]));
        let url = format!("{}/catalogue/servers/latam-mcp-afip/tools/{tool}", program.base());
        let page = reqwest::get(url).await.unwrap().text().await.unwrap();
        let name = format!("<code>{tool}</code>");
        for part in [
            format!("What {name} does"),
            format!("Why {name} needs a policy"),
            format!("How to control {name}"),
            format!("What does the {name} tool do?"),
            format!("How do I enforce a policy on {name}?"),
            format!("What risk level is {name}?"),
            format!("Can I rate-limit {name}?"),
            format!("How do I block {name} completely?"),
            format!("What MCP server provides {name}?"),
            format!("&quot;max&quot;: {max},"),
            format!("{risk} risk"),
            "Related tools".to_owned(),
            "Point your MCP client".to_owned(),
            "2 tools of 1 server.".to_owned(),
            format!("/policies/new?catalogue=latam-mcp-afip&amp;tool={tool}"),
        ] {
            assert!(page.contains(&part), "{part} is not in {page}");
        }
    }
    program.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_answers_is_imported_with_its_address() {
    let upstream = Program::sample_upstream(PROGRAM).await;
    let data = tempfile::tempdir().unwrap();
    let url = format!("{}/mcp", upstream.base().trim_end_matches("/mcp"));
    let first = said(&import(data.path(), &url));
    assert!(first.contains("servers: 1 written"), "{first}");
    assert!(said(&import(data.path(), &url)).contains("servers: 0 written"));
    let program = Program::serve(PROGRAM, data.path()).await;
    let found = json_of(format!("{}/api/v1/catalogue/tools?q=create_session&category=execute", program.base())).await;
    let slug = found["items"][0]["server"].as_str().unwrap().to_owned();
    let server = json_of(format!("{}/api/v1/catalogue/servers/{slug}", program.base())).await;
    assert_eq!(server["server"]["url"], url.as_str());
    assert!(server["server"]["scanned_at"].is_string(), "{server}");
    program.kill().await;
}

#[test]
fn address_that_the_gateway_must_not_reach_is_not_imported() {
    let data = tempfile::tempdir().unwrap();
    let output = import(data.path(), "http://169.254.169.254/mcp");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("not allowed"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn category_that_a_person_gives_a_tool_is_the_one_that_rules_of_categories_go_by() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("crm", upstream.url()).await;
    let readers = json!({"version": "1", "default": "deny", "categories": {"read": {}}});
    let policy = tenant.policy(&server, "readers", &readers).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    let path = format!("/servers/{server}/tools/get_user");
    assert_eq!(session.refusal("get_user", &json!({})).await, None);
    for (category, is_refused) in
        [(json!("destructive"), true), (json!("read"), false), (json!("write"), true), (Value::Null, false)]
    {
        tenant.owner.patch(&path, &json!({"category": category})).await.expect(200);
        assert_eq!(session.refusal("get_user", &json!({})).await.is_some(), is_refused, "{category}");
    }
    gateway.stop().await;
}
