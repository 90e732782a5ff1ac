//! `ostiary policy schema`.

use std::io::Write;
use std::process::ExitCode;

pub(super) fn run(out: &mut impl Write) -> anyhow::Result<ExitCode> {
    writeln!(out, "{}", serde_json::to_string_pretty(&ostiary_policy::json_schema())?)?;
    Ok(ExitCode::SUCCESS)
}
