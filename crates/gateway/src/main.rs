//! The binary: parses the command line, and does what it says.

use std::process::ExitCode;

use clap::Parser as _;
use ostiary_gateway::cli::Cli;

// Many small messages, allocated on one thread and freed on another: what the system's allocator is slowest at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
