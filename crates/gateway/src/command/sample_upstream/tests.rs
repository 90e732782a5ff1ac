use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResult, GetPromptRequestParams, ProgressNotificationParam,
    ReadResourceRequestParams, ResourceContents,
};
use rmcp::service::{NotificationContext, RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};

use rmcp::{ClientHandler, ServiceExt as _};

use super::*;

type Client = RunningService<RoleClient, Listener>;

/// Writes down the progress that it is told.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<f64>>>);

impl ClientHandler for Listener {
    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.0.lock().unwrap().push(progress.progress);
    }
}

/// A client of a shop of its own, and what ends the shop.
async fn client() -> (Client, tokio_util::sync::DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url(listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    tokio::spawn(serve(listener, shutdown.clone()));
    (Listener::default().serve(StreamableHttpClientTransport::from_uri(url)).await.unwrap(), shutdown.drop_guard())
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().unwrap().clone();
    client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.unwrap()
}

#[tokio::test]
async fn tools_are_listed_with_description_schema_and_annotations() {
    let (client, _shop) = client().await;
    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), 12);
    for name in ["create_session", "create_widget_token", "create_refund", "count_slowly", "echo"] {
        assert!(tools.iter().any(|tool| tool.name == name), "{name}");
    }
    for tool in tools {
        assert!(tool.description.is_some() && tool.annotations.is_some(), "{}", tool.name);
        assert_eq!(tool.input_schema["type"], "object");
    }
}

#[tokio::test]
async fn create_session_called_twice_opens_two_sessions() {
    let (client, _shop) = client().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let result = call(&client, "create_session", json!({"amount": 12.5, "currency": "USD"})).await;
        ids.push(result.structured_content.unwrap()["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn create_refund_above_what_is_left_is_a_tool_error() {
    let (client, _shop) = client().await;
    let refund = |amount: f64| json!({"invoice_id": "inv_1", "amount": amount, "reason": "late"});
    assert_ne!(call(&client, "create_refund", refund(100.0)).await.is_error, Some(true));
    assert_eq!(call(&client, "create_refund", refund(100.0)).await.is_error, Some(true));
}

#[tokio::test]
async fn delete_customer_without_confirmation_deletes_nothing() {
    let (client, _shop) = client().await;
    let deletion = |confirm: bool| json!({"customer_id": "cus_1", "confirm": confirm});
    assert_eq!(call(&client, "delete_customer", deletion(false)).await.is_error, Some(true));
    assert_ne!(call(&client, "delete_customer", deletion(true)).await.is_error, Some(true));
    let left = call(&client, "list_customers", json!({})).await.structured_content.unwrap();
    assert_eq!(left["customers"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn count_slowly_tells_its_progress_and_ends_with_the_count() {
    let (client, _shop) = client().await;
    let result = call(&client, "count_slowly", json!({"to": 3, "step_ms": 1})).await;
    assert_eq!(result.content[0].as_text().unwrap().text, "counted to 3");
    assert_eq!(*client.service().0.lock().unwrap(), [1.0, 2.0, 3.0]);
}

#[tokio::test]
async fn resources_and_prompts_are_listed_and_read() {
    let (client, _shop) = client().await;
    assert_eq!(client.list_all_resources().await.unwrap().len(), 2);
    assert_eq!(client.list_all_resource_templates().await.unwrap().len(), 1);
    assert_eq!(client.list_all_prompts().await.unwrap().len(), 2);
    let read = client.read_resource(ReadResourceRequestParams::new("shop://invoices/inv_3")).await.unwrap();
    assert!(matches!(&read.contents[0], ResourceContents::TextResourceContents { text, .. } if text.contains("48.2")));
    assert!(client.read_resource(ReadResourceRequestParams::new("shop://nothing")).await.is_err());
    let prompt = client.get_prompt(GetPromptRequestParams::new("refund_review")).await.unwrap();
    assert_eq!(prompt.messages.len(), 1);
}
