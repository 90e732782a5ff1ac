//! `ostiary catalogue`: what tools are able to do, and the public pages about them.

mod classify;
mod import;
mod lines;
mod scan;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// What `ostiary catalogue` is asked to do.
#[derive(Debug, Args)]
pub struct CatalogueArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what tools do and how much harm they can do: JSON lines in, the same with the answers out.
    Classify(classify::ClassifyArgs),
    /// Put servers and their tools into the public catalogue, again or for the first time.
    Import(import::ImportArgs),
    /// Start a server, read its tools, end it, and put them into the public catalogue; it runs without network and secrets.
    Scan(scan::ScanArgs),
    /// What `scan` starts.
    #[command(hide = true)]
    Confined(scan::ConfinedArgs),
}

/// Does what was asked, and tells how the process ends.
///
/// # Errors
/// A file cannot be read, or the output cannot be written.
pub fn run(args: CatalogueArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Classify(args) => classify::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Confined(args) => Ok(scan::run_confined(&args)),
    }
}
