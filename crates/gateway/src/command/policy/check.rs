//! `ostiary policy check`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use ostiary_policy::Diagnostic;
use serde::Serialize;

use super::read;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The policy document
    file: PathBuf,
    /// The tools of the server, for warnings about them
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Layout::Text)]
    format: Layout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// One finding a line
    Text,
    /// One object with `errors` and `warnings`
    Json,
}

#[derive(Debug, Serialize)]
struct Findings {
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

pub(super) fn run(args: &CheckArgs, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let inventory = read::inventory(args.inventory.as_deref())?;
    let findings = match read::policy(&args.file)? {
        Ok(document) => Findings { errors: Vec::new(), warnings: ostiary_policy::lint(&document, inventory.as_ref()) },
        Err(errors) => Findings { errors, warnings: Vec::new() },
    };
    match args.format {
        Layout::Json => writeln!(out, "{}", serde_json::to_string(&findings)?)?,
        Layout::Text => {
            read::write_lines(out, &findings.errors)?;
            read::write_lines(out, &findings.warnings)?;
        }
    }
    Ok(if findings.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
