//! The product's own programs, started and stopped by xtask.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::http;

/// How long a program may take to stop before it is killed: longer than it gives its calls to end.
const STOP_PATIENCE: Duration = Duration::from_secs(35);

/// A program that runs, and is stopped when this is dropped.
pub(crate) struct Running {
    name: &'static str,
    child: Child,
}

impl Running {
    /// Starts a program. It gets a process group of its own: a Ctrl-C at the terminal reaches xtask only, which then
    /// stops what it started in order.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            command.process_group(0);
        }
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child })
    }

    /// How it ended, when it ended.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until a GET of `path` is answered with 200, or anything at all when `any`.
    ///
    /// # Errors
    /// When it ends first, or is not ready in time.
    pub(crate) fn wait_until_ready(&mut self, address: SocketAddr, path: &str, any: bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.ended()? {
                bail!("{} ended while it started ({status})", self.name);
            }
            match http::status(address, path) {
                Some(200) => return Ok(()),
                Some(_) if any => return Ok(()),
                _ if Instant::now() > deadline => bail!("{} is not ready after a minute", self.name),
                _ => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Asks it to stop and waits; kills it when it does not.
    pub(crate) fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        terminate(&self.child);
        let deadline = Instant::now() + STOP_PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{} did not stop in time and is killed", self.name);
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(unix)]
fn terminate(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};

    // One that has ended meanwhile cannot be signalled, and need not be.
    let _ = kill_process(Pid::from_child(child), Signal::TERM);
}

#[cfg(not(unix))]
fn terminate(_child: &Child) {}

/// `ostiary serve` on an address, with its data in a directory.
pub(crate) fn gateway(program: &Path, listen: SocketAddr, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("serve").env("OSTIARY_LISTEN", listen.to_string()).env("OSTIARY_DATA_DIR", data);
    command
}

/// `ostiary sample-upstream` on an address.
pub(crate) fn sample_upstream(program: &Path, listen: SocketAddr) -> Command {
    let mut command = Command::new(program);
    command.args(["sample-upstream", "--listen", &listen.to_string()]);
    command
}
