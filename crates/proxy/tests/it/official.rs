//! The official SDK on both sides, over real sockets.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use ostiary_proxy::Gateway;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{NotificationContext, RequestContext, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ClientHandler, ErrorData, RoleClient, RoleServer, ServerHandler, ServiceExt as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::upstream::{Reply, Upstream};
use super::world::{Plan, World};

const POLICY: &str = r#"{"version":"1","default":"deny","hide":["delete_all"],"tools":{"delete_all":{},
    "echo":{"limits":[{"counter":"c","window":"minute","max":2}]},"refund":{}}}"#;

/// A server of the SDK: every tool tells progress before it answers.
#[derive(Clone)]
struct Shop;

impl ServerHandler for Shop {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = |name: &'static str| {
            let schema = json!({ "type": "object" }).as_object().cloned().unwrap_or_default();
            Tool::new(name, "a tool", schema)
        };
        Ok(ListToolsResult::with_all_items(["echo", "delete_all", "refund"].map(tool).to_vec()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(token) = context.meta.get_progress_token() {
            for step in [1.0, 2.0] {
                let _ = context.peer.notify_progress(ProgressNotificationParam::new(token.clone(), step)).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(CallToolResult::success(vec![ContentBlock::text(format!("{} is done", request.name))]).into())
    }
}

/// A client of the SDK that writes down the progress it is told.
#[derive(Clone, Default)]
struct Agent(Arc<Mutex<Vec<f64>>>);

impl ClientHandler for Agent {
    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.0.lock().expect("lock").push(progress.progress);
    }
}

async fn shop() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let service: StreamableHttpService<Shop, LocalSessionManager> = StreamableHttpService::new(
        || Ok(Shop),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default(),
    );
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

/// The gateway on a socket, directly on hyper.
async fn listen(gateway: Gateway) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let gateway = gateway.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let gateway = gateway.clone();
                    async move { Ok::<_, Infallible>(gateway.call(request).await) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = builder.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

async fn connect(address: SocketAddr, token: &str, agent: Agent) -> RunningService<RoleClient, Agent> {
    let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{address}/mcp/acme/pay"))
        .auth_header(token.to_owned());
    agent.serve(StreamableHttpClientTransport::from_config(config)).await.expect("a session")
}

#[tokio::test]
async fn official_client_and_server_work_through_the_gateway() {
    let world = World::start(&format!("http://{}/mcp", shop().await), Plan::policy(POLICY)).await;
    let agent = Agent::default();
    let client = connect(listen(world.gateway.clone()).await, &world.token, agent.clone()).await;

    let tools = client.list_all_tools().await.expect("tools");
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["echo", "refund"]);

    let answer = client.call_tool(CallToolRequestParams::new("refund")).await.expect("a result");
    assert_eq!(answer.content[0].as_text().expect("text").text, "refund is done");
    assert_eq!(*agent.0.lock().expect("lock"), [1.0, 2.0]);

    for refused in [false, false, true] {
        let answer = client.call_tool(CallToolRequestParams::new("echo")).await.expect("a result");
        assert_eq!(answer.is_error.unwrap_or_default(), refused, "{answer:?}");
    }
    let hidden = client.call_tool(CallToolRequestParams::new("delete_all")).await.expect("a result");
    assert!(hidden.content[0].as_text().expect("text").text.starts_with("[POLICY DENIED] "));
    assert_eq!(world.decisions().await.len(), 5);
    client.cancel().await.expect("an end");
}

#[tokio::test]
async fn client_whose_socket_closes_before_the_answer_is_gone_for_the_upstream_at_once() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let upstream = Upstream::start(move |seen| {
        (seen.rpc() == "tools/call").then(|| {
            arrived.send(()).expect("a test that waits");
            Reply::Hang
        })
    })
    .await;
    let world = World::start(&upstream.url(), Plan::default()).await;
    let session = world.session().await;
    let address = listen(world.gateway.clone()).await;
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": "echo" } }).to_string();
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "POST /mcp/acme/pay HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\nmcp-session-id: {session}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        world.token,
        body.len()
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    arrivals.recv().await.expect("the call");
    let early = tokio::time::timeout(Duration::from_millis(20), socket.read_u8()).await;
    assert!(early.is_err(), "nothing is answered yet");
    drop(socket);
    assert_eq!(world.ended().await.ending.expect("ending").result.as_str(), "client_gone");
}
