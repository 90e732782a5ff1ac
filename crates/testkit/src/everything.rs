//! The reference server of the protocol's makers, as a child process.

use std::net::TcpListener;
use std::process::Stdio;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::{clients_dir, skip, wait_until};

/// `@modelcontextprotocol/server-everything` over Streamable HTTP. Killed when it is dropped.
#[derive(Debug)]
pub struct EverythingServer {
    _child: Child,
    url: String,
}

impl EverythingServer {
    /// Starts it and waits until it listens. None, said visibly, where its package is not installed.
    ///
    /// # Panics
    ///
    /// When it is installed and does not start.
    pub async fn start() -> Option<Self> {
        let Some(dir) = clients_dir() else {
            skip("the packages of tests/clients are not installed");
            return None;
        };
        // It takes no port 0; the port is free a moment before it binds it.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        let mut command = Command::new("node");
        command
            .arg(dir.join("node_modules/@modelcontextprotocol/server-everything/dist/index.js"))
            .arg("streamableHttp")
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().expect("node starts");
        wait_until("server-everything listens", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Some(Self { _child: child, url: format!("http://127.0.0.1:{port}/mcp") })
    }

    /// Its MCP endpoint.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
