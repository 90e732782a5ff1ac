//! `ostiary openapi`: the API's document, as `/api/v1/openapi.json` serves it.

use std::process::ExitCode;

use anyhow::Context as _;

/// Prints the document.
///
/// # Errors
///
/// When it cannot be written as JSON, which takes a defect.
pub fn run() -> anyhow::Result<ExitCode> {
    println!("{}", ostiary_api::openapi().to_pretty_json().context("the document is no JSON")?);
    Ok(ExitCode::SUCCESS)
}
