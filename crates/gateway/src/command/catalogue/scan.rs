//! `ostiary catalogue scan`: starts a server of the catalogue, reads its tools over its standard input and output, and ends
//! it.
//!
//! SECURITY: the server is a stranger's program, and what it says of itself is published. It runs without a network, with
//! an empty environment, a home of its own that goes away, and no files but the system's and those it is given.

mod confine;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use ostiary_api::discovery::{Discovered, DiscoverySettings, read_stdio};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(super) use self::confine::ConfinedArgs;
pub(super) use self::confine::run as run_confined;
use super::import::{Entry, Writer};
use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;

/// Where commands are looked for.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The end of what a server prints beside its messages that is shown when it fails, in bytes.
const SHOWN: usize = 2_000;

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// What the server is known by in the catalogue: its package, such as `npm:@acme/pay`
    #[arg(long = "as", value_name = "KEY")]
    key: String,
    /// What people call it; the package's name when not given
    #[arg(long)]
    name: Option<String>,
    /// A file or directory that it may read beside those of the system, such as where it is installed
    #[arg(long, value_name = "PATH")]
    read: Vec<PathBuf>,
    /// How long it may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    /// Print the definitions as lines that `import` reads, and write nothing
    #[arg(long)]
    print: bool,
    /// Start it even though nothing keeps it from the network and from every file that you may read
    #[arg(long)]
    unconfined: bool,
    #[command(flatten)]
    settings: Settings,
    /// The command that starts it
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

pub(super) fn run(args: &ScanArgs) -> anyhow::Result<ExitCode> {
    let config = if args.print { None } else { Some(Config::read(&args.settings.given())?) };
    block_on(async {
        let found = scan(args).await?;
        let entry = entry(args, found);
        eprintln!("{}: {} tools", entry.key, entry.tools.as_ref().map_or(0, Vec::len));
        let Some(config) = config else { return print(&entry) };
        let mut writer = Writer::new(backend::open_beside(&config).await?);
        writer.put(entry).await?;
        eprintln!("{}", writer.finish().await?);
        Ok(ExitCode::SUCCESS)
    })
}

/// What the server says of itself, as an entry of the catalogue.
fn entry(args: &ScanArgs, found: Discovered) -> Entry {
    let package = args.key.split_once(':').map_or(args.key.as_str(), |(_, package)| package);
    Entry {
        key: args.key.clone(),
        name: args.name.clone().unwrap_or_else(|| package.to_owned()),
        version: found.identity.version,
        tools: Some(found.tools.into_iter().map(|tool| tool.definition).collect()),
        ..Entry::default()
    }
}

/// The definitions as lines that an import reads.
fn print(entry: &Entry) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let (registry, package) = entry.key.split_once(':').unwrap_or(("npm", &entry.key));
    for tool in entry.tools.iter().flatten() {
        let mut line = tool.clone();
        let Value::Object(members) = &mut line else { continue };
        let name = members.remove("name");
        for (member, value) in [
            ("registry", json!(registry)),
            ("package", json!(package)),
            ("server", json!(entry.name)),
            ("version", json!(entry.version)),
            ("tool", json!(name)),
        ] {
            members.insert(member.to_owned(), value);
        }
        writeln!(out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn scan(args: &ScanArgs) -> anyhow::Result<Discovered> {
    let home = tempfile::Builder::new().prefix("ostiary-scan-").tempdir().context("no home can be made for it")?;
    let mut child = command(args, home.path())?.spawn().context("the server cannot be started")?;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        bail!("the server cannot be spoken to");
    };
    let settings = DiscoverySettings { timeout: Duration::from_secs(args.timeout), ..DiscoverySettings::default() };
    let printed = tokio::spawn(last_of(stderr));
    let found = read_stdio(BufReader::new(stdout), stdin, &settings).await;
    end(&mut child).await;
    let printed = printed.await.unwrap_or_default();
    found.map_err(|error| {
        if let Some(reason) = confine::refusal(&printed) {
            return anyhow::anyhow!("{reason}");
        }
        let printed = if printed.is_empty() { printed } else { format!("; it printed: {printed}") };
        anyhow::anyhow!("{error}{printed}")
    })
}

/// The server's process, by way of one that takes everything from it that it does not need.
fn command(args: &ScanArgs, home: &Path) -> anyhow::Result<Command> {
    let mut command = if args.unconfined {
        eprintln!("warning: nothing keeps this server from the network and from files of yours");
        let (program, rest) = args.command.split_first().context("no command")?;
        let mut command = Command::new(program);
        command.args(rest);
        command
    } else {
        let mut command = Command::new(std::env::current_exe().context("this program cannot be found")?);
        command.args(confine::arguments(home, &args.read, &args.command)?);
        command
    };
    command.env_clear().env("PATH", PATH).env("HOME", home).env("TMPDIR", home).env("LANG", "C.UTF-8");
    command.current_dir(home).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// The end of what it prints, without what moves a terminal's cursor.
async fn last_of(mut stderr: impl tokio::io::AsyncRead + Unpin) -> String {
    let (mut kept, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stderr.read(&mut part).await {
        kept.extend_from_slice(part.get(..read).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(SHOWN));
    }
    let text = String::from_utf8_lossy(&kept);
    text.trim().chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Ends the server with everything that it started.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
        // Its group; what has left the group ends with the namespace of processes it is in.
        let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL);
    }
    let _ = child.kill().await;
}
