//! `cargo xtask ci`: exactly what CI runs, the cheap checks first.

use std::env;
use std::process::Command;

use crate::exec::{self, Show};
use crate::step::Steps;
use crate::tally::Tally;
use crate::{cargo, codegen, dependencies, deploy, deps, isolation, sizes, sqlx, test, threats};

/// Set for a run in which a test that cannot run is a failure.
const NOTHING_SKIPPED: &str = "REQUIRE_BACKENDS";

/// Runs every check and every test; nothing is skipped.
///
/// # Errors
/// When anything failed.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    if env::var_os(NOTHING_SKIPPED).is_none() {
        return again_without_skips(arguments);
    }
    let mut steps = Steps::start();
    steps.run("formatting", || run_cargo(&["fmt", "--all", "--check"], Show::OnFailure));
    // Before cargo has a reason to write it.
    steps.run("lock file", || run_cargo(&["metadata", "--locked", "--format-version", "1"], Show::OnFailure));
    steps.run("dependency arrows", deps::check);
    steps.run("isolation of accounts", isolation::check);
    steps.run("file sizes", sizes::check);
    steps.run("other people's crates", dependencies::check);
    steps.run("threat model", threats::check);
    steps.run("deployment files", deploy::check);
    steps.run("clippy", || {
        run_cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], Show::Stream)
    });
    test::run_in(&mut steps);
    // After the tests: the program that prints the documents is built by then.
    steps.run("generated files", codegen::check);
    steps.run("checked SQL", sqlx::check);
    steps.finish()
}

/// Runs this program again with the variable set: a process should not change its own environment.
fn again_without_skips(arguments: &[String]) -> anyhow::Result<()> {
    let status = Command::new(env::current_exe()?).arg("ci").args(arguments).env(NOTHING_SKIPPED, "1").status()?;
    if !status.success() {
        anyhow::bail!("ci failed");
    }
    Ok(())
}

fn run_cargo(arguments: &[&str], show: Show) -> anyhow::Result<Tally> {
    exec::run(&mut cargo::command(arguments), show)?;
    Ok(Tally::default())
}
