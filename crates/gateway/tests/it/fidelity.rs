//! What official clients of both eras see of official servers through the gateway is what they see without it: compared
//! step by step in one run, with what the clients' libraries gave them. A call of a tool that the server does not have is
//! left out: that is for the policy to answer.

use std::path::Path;

use ostiary_testkit::{
    EverythingServer, Program, StdioServer, Tenant, TestGateway, clients_dir, python_of_clients, skip,
};
use serde_json::{Value, json};
use tokio::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");

/// A client: the name in the table, the generation of its SDK, and the era that it asks for.
const CLIENTS: [(&str, &str, &str); 5] = [
    ("TypeScript v1", "v1", "legacy"),
    ("TypeScript v2, legacy", "v2", "legacy"),
    ("TypeScript v2, modern", "v2", "modern"),
    ("Python, legacy", "python", "legacy"),
    ("Python, modern", "python", "modern"),
];

/// A server that is the same each time it is looked at: what one client does to it no other one sees.
#[derive(Clone, Copy)]
enum Kind {
    Everything,
    Rmcp,
    Filesystem,
    Memory,
}

/// A server that runs, and ends when it is dropped.
enum Running {
    Everything(EverythingServer),
    Rmcp(Program),
    Filesystem(StdioServer),
    Memory(StdioServer, tempfile::TempDir),
}

/// The file in which a server remembers what it was told.
const MEMORY: &str = "memory.jsonl";

impl Kind {
    /// The server's name in the table.
    const fn name(self) -> &'static str {
        match self {
            Self::Everything => "server-everything",
            Self::Rmcp => "a server on `rmcp`",
            Self::Filesystem => "server-filesystem behind a bridge",
            Self::Memory => "server-memory behind a bridge",
        }
    }

    /// Starts one. `files` is a directory that is the same each time.
    async fn start(self, files: &Path) -> Option<Running> {
        match self {
            Self::Everything => EverythingServer::start().await.map(Running::Everything),
            Self::Rmcp => Some(Running::Rmcp(Program::sample_upstream(PROGRAM).await)),
            Self::Filesystem => StdioServer::filesystem(files).await.map(Running::Filesystem),
            Self::Memory => {
                let memory = tempfile::tempdir().expect("a directory");
                let server = StdioServer::memory(&memory.path().join(MEMORY)).await;
                server.map(|server| Running::Memory(server, memory))
            }
        }
    }

    /// The same server as it was before it was looked at.
    async fn renewed(self, running: Running, files: &Path) -> Option<Running> {
        match running {
            // It ends with the session of one of the clients.
            Running::Everything(_) => self.start(files).await,
            Running::Memory(server, memory) => {
                std::fs::remove_file(memory.path().join(MEMORY)).expect("it remembers something");
                Some(Running::Memory(server, memory))
            }
            other => Some(other),
        }
    }

    /// What the clients call there.
    fn calls(self, files: &Path, era: &str) -> Value {
        let call = |name: &str, args: Value| json!({"name": name, "args": args});
        let path = |name: &str| files.join(name).display().to_string();
        let calls = match self {
            Self::Everything => {
                let mut calls = vec![
                    call("echo", json!({"message": "ünï\u{1F600}"})),
                    call("get-sum", json!({"a": 19, "b": 23})),
                    call("get-sum", json!({"a": "no number"})),
                    call("get-structured-content", json!({"location": "New York"})),
                    call("get-tiny-image", json!({})),
                    call("get-annotated-message", json!({"messageType": "error", "includeImage": true})),
                    call("get-resource-links", json!({"count": 3})),
                    call("trigger-long-running-operation", json!({"duration": 0.4, "steps": 4})),
                ];
                if era == "legacy" {
                    calls.push(call("trigger-sampling-request", json!({"prompt": "hello", "maxTokens": 10})));
                    calls.push(call("trigger-elicitation-request", json!({})));
                }
                calls
            }
            Self::Rmcp => vec![
                call("list_customers", json!({})),
                call("echo", json!({"text": "hello"})),
                call("count_slowly", json!({"to": 3, "step_ms": 30})),
                call("get_invoice", json!({"invoice_id": "nothing"})),
                call("get_invoice", json!({})),
            ],
            Self::Filesystem => vec![
                call("list_allowed_directories", json!({})),
                call("write_file", json!({"path": path("new.txt"), "content": "written"})),
                call("list_directory", json!({"path": files})),
                call("read_text_file", json!({"path": path("new.txt")})),
                call("read_text_file", json!({"path": path("large.txt")})),
                call("read_text_file", json!({"path": "/etc/passwd"})),
                call("read_text_file", json!({})),
            ],
            Self::Memory => {
                let ann = json!({"name": "Ann", "entityType": "person", "observations": ["likes tea"]});
                vec![
                    call("create_entities", json!({"entities": [ann]})),
                    call("add_observations", json!({"observations": [{"entityName": "Ann", "contents": ["is here"]}]})),
                    call("search_nodes", json!({"query": "tea"})),
                    call("read_graph", json!({})),
                    call("add_observations", json!({"observations": [{"entityName": "Bob", "contents": []}]})),
                ]
            }
        };
        Value::Array(calls)
    }
}

impl Running {
    fn url(&self) -> String {
        match self {
            Self::Everything(server) => server.url().to_owned(),
            Self::Rmcp(server) => format!("{}/mcp", server.base()),
            Self::Filesystem(server) | Self::Memory(server, _) => server.url().to_owned(),
        }
    }
}

/// What a client sees, step by step, and the revision that it speaks, where it says so.
async fn observe(client: (&str, &str), url: &str, token: &str, calls: &Value) -> (Vec<(String, Value)>, String) {
    let dir = clients_dir().expect("the packages are installed");
    let (sdk, era) = client;
    let mut command = match sdk {
        "python" => Command::new(python_of_clients().expect("the environment is there")),
        _ => Command::new("node"),
    };
    command.arg(dir.join(if sdk == "python" { "observe.py" } else { "observe.mjs" }));
    command.env("OSTIARY_SDK", sdk).env("OSTIARY_ERA", era).env("OSTIARY_CALLS", calls.to_string());
    command.env("OSTIARY_MCP_URL", url).env("OSTIARY_MCP_TOKEN", token).kill_on_drop(true);
    let output = command.output().await.expect("the client runs");
    let (text, aside) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{client:?}: {text}{aside}");
    let steps = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        (line["step"].as_str().expect("a step").to_owned(), line["saw"].clone())
    });
    (steps.collect(), aside.lines().last().unwrap_or_default().to_owned())
}

/// Looks at one kind of server with every client, with and without the gateway.
async fn compare(kind: Kind) {
    if python_of_clients().is_none() {
        skip("the Python environment of tests/clients is not installed");
        return;
    }
    let files = tempfile::tempdir().expect("a directory");
    std::fs::write(files.path().join("one.txt"), "one").expect("a file");
    std::fs::write(files.path().join("large.txt"), "large ".repeat(100_000)).expect("a file");
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let mut row = format!("| {} |", kind.name());
    let Some(mut running) = kind.start(files.path()).await else { return };
    for (number, (name, sdk, era)) in CLIENTS.into_iter().enumerate() {
        let calls = kind.calls(files.path(), era);
        let (direct, revision) = observe((sdk, era), &running.url(), "", &calls).await;
        running = kind.renewed(running, files.path()).await.expect("it starts again");
        let seen = direct.iter().filter(|(_, saw)| !saw.is_null()).count();
        assert!(seen > 5, "{name} sees too little of it alone: {direct:?}");
        if matches!((kind, era), (Kind::Rmcp, "modern")) {
            assert_eq!(revision, "2026-07-28", "it is a modern server");
        }
        let (url, token) = through(&tenant, &running.url(), number).await;
        let (through, _) = observe((sdk, era), &url, &token, &calls).await;
        running = kind.renewed(running, files.path()).await.expect("it starts again");
        for (alone, through) in direct.iter().zip(&through) {
            assert_eq!(through, alone, "{name}");
        }
        assert_eq!(through.len(), direct.len(), "{name}");
        row.push_str(" the same |");
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let page = std::fs::read_to_string(page).expect("the page");
    assert!(page.contains(&row), "docs/protocol.md lacks the row\n{row}");
}

/// An endpoint of its own for a look through the gateway.
async fn through(tenant: &Tenant, url: &str, number: usize) -> (String, String) {
    let slug = format!("look-{number}");
    let server = tenant.server(&slug, url).await;
    let policy = tenant.policy(&server, &slug, &json!({"version": "1", "default": "allow"})).await;
    let grant = tenant.grant(&slug, &server, &policy).await;
    (grant.url, grant.token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_see_of_the_reference_server_what_they_see_without_the_gateway() {
    compare(Kind::Everything).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_see_of_a_modern_server_what_they_see_without_the_gateway() {
    compare(Kind::Rmcp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_see_of_a_bridged_file_server_what_they_see_without_the_gateway() {
    compare(Kind::Filesystem).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_see_of_a_bridged_memory_server_what_they_see_without_the_gateway() {
    compare(Kind::Memory).await;
}
