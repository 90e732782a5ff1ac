//! Commands, run in the open or kept quiet until they fail.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};

/// What a person sees of a command while it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Every line as it comes.
    Stream,
    /// Nothing, unless it fails: then everything.
    OnFailure,
}

/// Runs a command to its end and answers everything it printed, both streams in the order of their lines.
///
/// # Errors
/// A command that cannot be started, or that ends with another status than zero; its output has then been shown.
pub(crate) fn run(command: &mut Command, show: Show) -> anyhow::Result<String> {
    let (succeeded, output) = run_to_end(command, show)?;
    if !succeeded {
        bail!("`{}` failed", line_of(command));
    }
    Ok(output)
}

/// As [`run`], but a command that fails is an answer: whether it succeeded, and its output.
///
/// # Errors
/// A command that cannot be started.
pub(crate) fn run_to_end(command: &mut Command, show: Show) -> anyhow::Result<(bool, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", line_of(command)))?;
    let collected = Arc::new(Mutex::new(String::new()));
    let readers: Vec<_> = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)]
        .into_iter()
        .flatten()
        .map(|stream| {
            let collected = Arc::clone(&collected);
            thread::spawn(move || collect(stream, &collected, show))
        })
        .collect();
    let status = child.wait().with_context(|| format!("cannot wait for `{}`", line_of(command)))?;
    for reader in readers {
        // A reader has nothing that panics; if it did, its lines are lost and the status still counts.
        drop(reader.join());
    }
    let output = collected.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if !status.success() && show == Show::OnFailure {
        eprintln!("$ {}\n{output}", line_of(command));
    }
    Ok((status.success(), output))
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

fn collect(stream: Box<dyn Read + Send>, collected: &Mutex<String>, show: Show) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        if show == Show::Stream {
            // A terminal that went away is no reason to stop the work.
            drop(std::io::stderr().write_all(text.as_bytes()));
        }
        collected.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        line.clear();
    }
}

/// The command as a person would type it.
fn line_of(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
