//! `ostiary policy`: check, try out and lay out policy documents, without a server.

mod check;
mod eval;
mod fmt;
mod read;
mod schema;

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Subcommand};

/// What `ostiary policy` is asked to do.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the errors and warnings of a policy, one a line; exit 1 where there are errors.
    Check(check::CheckArgs),
    /// Decide calls by a policy, with counters that live for the run.
    Eval(eval::EvalArgs),
    /// Print a policy in its canonical layout.
    Fmt(fmt::FmtArgs),
    /// Print the JSON Schema of policies.
    Schema,
}

/// Does what was asked, and tells how the process ends.
///
/// # Errors
/// A file cannot be read, or the output cannot be written.
pub fn run(args: PolicyArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut err = std::io::stderr().lock();
    let code = match args.command {
        Command::Check(args) => check::run(&args, &mut out),
        Command::Eval(args) => eval::run(&args, &mut out, &mut err),
        Command::Fmt(args) => fmt::run(&args, &mut out, &mut err),
        Command::Schema => schema::run(&mut out),
    }?;
    out.flush()?;
    Ok(code)
}
