//! `ostiary policy fmt`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::read;

#[derive(Debug, Args)]
pub(super) struct FmtArgs {
    /// The policy document
    file: PathBuf,
}

pub(super) fn run(args: &FmtArgs, out: &mut impl Write, err: &mut impl Write) -> anyhow::Result<ExitCode> {
    match read::policy(&args.file)? {
        Ok(document) => {
            out.write_all(ostiary_policy::format(&document).as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(errors) => {
            read::write_lines(err, &errors)?;
            Ok(ExitCode::FAILURE)
        }
    }
}
