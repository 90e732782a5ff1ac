//! An official server of standard input and output, behind a bridge to Streamable HTTP, as child processes.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::{clients_dir, skip, wait_until};

/// One of the official servers behind `supergateway`, which starts a process of it for each session. Killed when it is
/// dropped.
#[derive(Debug)]
pub struct StdioServer {
    _child: Child,
    url: String,
}

impl StdioServer {
    /// `@modelcontextprotocol/server-filesystem` over the files of one directory. None, said visibly, where its packages
    /// are not installed.
    ///
    /// # Panics
    ///
    /// When they are installed and it does not start.
    pub async fn filesystem(dir: &Path) -> Option<Self> {
        Self::start("server-filesystem", &dir.display().to_string(), None).await
    }

    /// `@modelcontextprotocol/server-memory`, which remembers in `file`. None, said visibly, where its packages are not
    /// installed.
    ///
    /// # Panics
    ///
    /// When they are installed and it does not start.
    pub async fn memory(file: &Path) -> Option<Self> {
        Self::start("server-memory", "", Some(file)).await
    }

    /// Starts it and waits until it listens.
    async fn start(package: &str, argument: &str, memory: Option<&Path>) -> Option<Self> {
        let Some(modules) = clients_dir().map(|dir| dir.join("node_modules")) else {
            skip("the packages of tests/clients are not installed");
            return None;
        };
        // It takes no port 0; the port is free a moment before it binds it.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let server = modules.join("@modelcontextprotocol").join(package).join("dist/index.js");
        let mut command = Command::new("node");
        command.arg(modules.join("supergateway/dist/index.js"));
        command.arg("--stdio").arg(format!("node {} {argument}", server.display()));
        command.args(["--outputTransport", "streamableHttp", "--stateful", "--logLevel", "none"]);
        command.args(["--port", &port.to_string()]);
        if let Some(memory) = memory {
            command.env("MEMORY_FILE_PATH", memory);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn().expect("node starts");
        wait_until("the bridge listens", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Some(Self { _child: child, url: format!("http://127.0.0.1:{port}/mcp") })
    }

    /// Its MCP endpoint.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
