//! One run of `ostiary catalogue import`, watched.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// Between two looks at a process.
const LOOK: Duration = Duration::from_millis(20);
/// The unit of times in `/proc`, of which Linux shows a hundred a second.
const TICK: Duration = Duration::from_millis(10);

/// How an import is started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Import<'a> {
    pub(super) program: &'a Path,
    pub(super) variables: &'a [(&'a str, String)],
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    pub(super) took: Duration,
    /// Of the process itself, without the database's.
    pub(super) cpu: Duration,
    /// Most that it held, in bytes.
    pub(super) memory: u64,
    pub(super) is_complete: bool,
    /// The end of what it said.
    pub(super) said: String,
}

impl Import<'_> {
    /// Runs it to its end.
    pub(super) async fn run(&self, source: &str) -> anyhow::Result<Run> {
        self.watch(source, None).await
    }

    /// Runs it and kills it when it has told of so many servers, or is at its end.
    pub(super) async fn run_until(&self, source: &str, servers: u32) -> anyhow::Result<Run> {
        self.watch(source, Some(servers)).await
    }

    async fn watch(&self, source: &str, kill_after: Option<u32>) -> anyhow::Result<Run> {
        let mut command = Command::new(self.program);
        command.args(["catalogue", "import", source]).envs(self.variables.iter().map(|(name, value)| (*name, value)));
        command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let began = Instant::now();
        let mut child = command.spawn()?;
        let mut stderr = child.stderr.take().context("its messages")?;
        let (mut run, mut text, mut part) = (Run::default(), Vec::new(), [0; 4096]);
        loop {
            run.look_at(&child);
            tokio::select! {
                read = stderr.read(&mut part) => match read? {
                    0 => break,
                    read => text.extend_from_slice(part.get(..read).unwrap_or_default()),
                },
                () = sleep(LOOK) => {}
            }
            let told = String::from_utf8_lossy(&text);
            if kill_after.is_some_and(|servers| told_of(&told) >= servers) {
                child.kill().await?;
                break;
            }
        }
        let status = child.wait().await?;
        run.took = began.elapsed();
        run.is_complete = status.success();
        let text = String::from_utf8_lossy(&text);
        let at = text.rfind("servers: ").or_else(|| text.rfind("error")).unwrap_or_default();
        run.said = text.get(at..).unwrap_or_default().trim().to_owned();
        Ok(run)
    }
}

/// How many servers the last line of progress tells of.
fn told_of(text: &str) -> u32 {
    text.lines().rev().find_map(|line| line.split_once(" servers, ")?.0.parse().ok()).unwrap_or_default()
}

impl Run {
    fn look_at(&mut self, child: &Child) {
        let Some(id) = child.id() else { return };
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        self.memory = self.memory.max(kib.unwrap_or_default() * 1024);
        // The fields behind the name, which may hold blanks; user and system time are the twelfth and the thirteenth.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace()).into_iter().flatten();
        let ticks: u32 = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        self.cpu = self.cpu.max(TICK * ticks);
    }
}
