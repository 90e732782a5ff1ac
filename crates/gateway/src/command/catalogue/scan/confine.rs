//! The process between us and a stranger's program: gives up what the program must not have, and becomes it.

#[cfg(target_os = "linux")]
mod linux;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

/// Before the reason why a program is not started.
const REFUSED: &str = "not started: ";

/// Of the process between; nobody types them.
#[derive(Debug, Args)]
pub(in crate::command::catalogue) struct ConfinedArgs {
    /// The one directory that may be written to
    #[arg(long)]
    home: PathBuf,
    /// What may be read beside the system's files
    #[arg(long)]
    read: Vec<PathBuf>,
    /// Whether this is the second of the two processes, in the namespaces that the first has made
    #[arg(long)]
    inner: bool,
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// The arguments with which this program starts another one confined.
///
/// # Errors
///
/// A path that is not there.
pub(super) fn arguments(home: &Path, read: &[PathBuf], command: &[OsString]) -> anyhow::Result<Vec<OsString>> {
    let mut arguments: Vec<OsString> = ["catalogue", "confined", "--home"].map(OsString::from).into();
    arguments.push(home.into());
    for path in read {
        let path = path.canonicalize().with_context(|| format!("{} cannot be read", path.display()))?;
        arguments.extend(["--read".into(), path.into()]);
    }
    arguments.push("--".into());
    arguments.extend_from_slice(command);
    Ok(arguments)
}

/// Becomes the program, or says why not.
pub(in crate::command::catalogue) fn run(args: &ConfinedArgs) -> ExitCode {
    #[cfg(target_os = "linux")]
    let done = linux::run(args);
    #[cfg(not(target_os = "linux"))]
    let done: anyhow::Result<ExitCode> = Err(anyhow::anyhow!("only Linux can confine a program"));
    done.unwrap_or_else(|error| {
        eprintln!("{REFUSED}{error:#}; `--unconfined` starts it all the same, with everything you may do");
        ExitCode::FAILURE
    })
}

/// Why the program was not started, when that is what was printed.
pub(super) fn refusal(printed: &str) -> Option<&str> {
    printed.lines().find_map(|line| line.find(REFUSED).and_then(|at| line.get(at..)))
}
