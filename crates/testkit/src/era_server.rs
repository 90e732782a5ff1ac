//! A server of one era with every feature of the protocol, made with the official SDK, as a child process.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::{PATIENCE, clients_dir, skip};

/// `tests/clients/era-server.mjs`. Killed when it is dropped.
#[derive(Debug)]
pub struct EraServer {
    _child: Child,
    url: String,
}

impl EraServer {
    /// Starts it in an era, `legacy` or `modern`. None, said visibly, where its packages are not installed.
    ///
    /// # Panics
    ///
    /// When they are installed and it does not start.
    pub async fn start(era: &str) -> Option<Self> {
        let Some(dir) = clients_dir() else {
            skip("the packages of tests/clients are not installed");
            return None;
        };
        let mut command = Command::new("node");
        command.arg(dir.join("era-server.mjs")).env("OSTIARY_ERA", era);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().expect("node starts");
        let stdout = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.expect("the server says where it listens in time");
        let url = line.expect("its output can be read").expect("a line");
        Some(Self { _child: child, url })
    }

    /// Its MCP endpoint.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
