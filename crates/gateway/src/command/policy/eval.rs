//! `ostiary policy eval`: decides calls in turn, with counters that live for the run.

mod line;
mod run;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::read;
use run::Run;

#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The calls, one JSON object a line
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    /// The tools of the server; without it every tool exists, with category `other`
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
}

pub(super) fn run(args: &EvalArgs, out: &mut impl Write, err: &mut impl Write) -> anyhow::Result<ExitCode> {
    let inventory = read::inventory(args.inventory.as_deref())?;
    let document = match read::policy(&args.policy)? {
        Ok(document) => document,
        Err(errors) => {
            read::write_lines(err, &errors)?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let calls = std::fs::File::open(&args.calls)
        .with_context(|| format!("the calls {} cannot be read", args.calls.display()))?;
    let mut calls = BufReader::new(calls);
    let mut run = Run::new(document.compile(), inventory);
    let mut line = Vec::new();
    loop {
        line.clear();
        if calls.read_until(b'\n', &mut line)? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        writeln!(out, "{}", serde_json::to_string(&run.decide(&line))?)?;
    }
}
