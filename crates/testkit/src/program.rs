//! The binary as a child process, to be stopped in every way a process can be.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::PATIENCE;

/// A process of the binary that serves. Killed when it is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    base: String,
}

impl Program {
    /// Starts `ostiary serve` on a port of its own and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn serve(program: &str, data: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).env("OSTIARY_LOG", "warn");
        Self::start(command).await
    }

    /// Starts a command that serves beside others, `api` or `proxy`, on a port of its own and waits until it listens.
    /// Variables say what it shares with them.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn replica(program: &str, command: &str, variables: &[(&str, &str)]) -> Self {
        let mut replica = Command::new(program);
        let listen = if command == "proxy" { "OSTIARY_PROXY_LISTEN" } else { "OSTIARY_LISTEN" };
        replica.arg(command).env(listen, "127.0.0.1:0").env("OSTIARY_LOG", "warn").envs(variables.iter().copied());
        Self::start(replica).await
    }

    /// Starts `ostiary sample-upstream` on a port of its own and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn sample_upstream(program: &str) -> Self {
        let mut command = Command::new(program);
        command.args(["sample-upstream", "--listen", "127.0.0.1:0"]);
        Self::start(command).await
    }

    /// Starts any command that serves and says where, and waits until it does.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub async fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some(at) = line.find("http://") {
                    return line.get(at..).map(|base| base.trim_end_matches('/').to_owned());
                }
            }
            None
        };
        let base = timeout(PATIENCE, listening).await.ok().flatten().expect("the program listens");
        Self { child, base }
    }

    /// What it said it listens on, without a slash at the end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Its process id.
    ///
    /// # Panics
    ///
    /// When it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// `kill -9`: nothing is finished, nothing is written any more.
    ///
    /// # Panics
    ///
    /// When it cannot be killed.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the program is killed");
    }

    /// Asks it to end with a signal; answers whether it ended well, and how long that took.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub async fn terminate(mut self) -> (bool, Duration) {
        let began = std::time::Instant::now();
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw).expect("it runs");
        kill_process(id, Signal::TERM).expect("it can be signalled");
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").expect("its status");
        (status.success(), began.elapsed())
    }
}
