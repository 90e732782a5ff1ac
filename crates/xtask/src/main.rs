//! The project's tasks: `cargo xtask up`, `cargo xtask test`, `cargo xtask ci` and their parts.
//!
//! Needs nothing but cargo to start; what a task needs besides, it finds, installs where it may, or names in one
//! line. Nothing here is part of the product. To add a task: a module with a `run` function, a line in [`TASKS`].

mod api_document;
mod cargo;
mod ci;
mod clients;
mod codegen;
mod dependencies;
mod deploy;
mod deps;
mod exec;
mod hash;
mod http;
mod isolation;
mod paths;
mod port;
mod servers;
mod sizes;
mod sqlx;
mod step;
mod tally;
mod test;
mod threats;
mod tools;
mod trial;
mod up;
mod web;

use std::process::ExitCode;

/// A task: its name, what it does, and the function that does it.
type Task = (&'static str, &'static str, fn(&[String]) -> anyhow::Result<()>);

const TASKS: &[Task] = &[
    ("up", "build everything and start it on http://127.0.0.1:8080 (--release: optimised)", up::run),
    ("test", "run every test there is", test::run),
    ("ci", "what CI runs: formatting, lints, generated files, arrows, sizes, and every test", ci::run),
    ("trial", "put a promise to the proof with real processes: `cargo xtask trial help`", trial::run),
    ("codegen", "write the generated files again", codegen::run),
    ("sqlx", "ask a database about every SQL statement again (crates/storage-sqlite/.sqlx)", sqlx::run),
    ("deploy", "check the files of deploy/ and docker-compose.yml", deploy::run),
    ("isolation", "check that every SQL statement on a tenant's table names the account", isolation::run),
    ("deps", "check which crate may depend on which", deps::run),
    ("dependencies", "check licences, bans, sources and advisories of other people's crates", dependencies::run),
    ("threats", "check that the tests which docs/THREAT-MODEL.md names are there", threats::run),
    ("sizes", "check that no source file has grown too long", sizes::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        usage();
        return ExitCode::FAILURE;
    };
    let Some((_, _, run)) = TASKS.iter().find(|(task, _, _)| task == name) else {
        if !matches!(name.as_str(), "help" | "-h" | "--help") {
            eprintln!("error: there is no task `{name}`");
        }
        usage();
        return ExitCode::FAILURE;
    };
    match run(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() {
    eprintln!("usage: cargo xtask <task>\n");
    for (name, what, _) in TASKS {
        eprintln!("  {name:<8} {what}");
    }
}
