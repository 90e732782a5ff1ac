//! `cargo xtask trial NAME`: a promise of the product, put to the proof at its full size.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::{cargo, paths, tools};

/// Builds the program and runs a trial of it. `--release` takes the optimised program; everything else is the trial's:
/// its name, `--short`, `--format json`.
///
/// # Errors
/// When it cannot be built, or the promise does not hold.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let release = arguments.iter().any(|argument| argument == "--release");
    let rest = arguments.iter().filter(|argument| *argument != "--release");
    let mut build = cargo::build_program();
    build.args(["--package", "ostiary-trials", "--bin", "ostiary-trials"]);
    if release {
        build.arg("--release");
    }
    exec::run(&mut build, Show::OnFailure)?;
    for found in [tools::postgres(), tools::redis()] {
        found?;
    }
    let program = paths::program(release);
    let mut trial = Command::new(program.with_file_name(format!("ostiary-trials{}", std::env::consts::EXE_SUFFIX)));
    // Its output is for whoever called: figures to read, or JSON for a program.
    let status = trial.args(rest).arg("--program").arg(program).status().context("the trial cannot be started")?;
    if !status.success() {
        bail!("the trial did not hold");
    }
    Ok(())
}
