//! `ostiary doctor`: looks at everything an installation needs, and says what to do.

mod check;
mod database;
mod environment;
mod redis;

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use self::check::{Check, Verdict};
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::{Config, Given};

/// Arguments of `ostiary doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Looks without changing anything, beside processes that serve or with none of them; exits with 1 when something
/// keeps it from serving as it should.
///
/// # Errors
///
/// None of what it finds: that is printed.
pub fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let checks = examine(&args.settings.given())?;
    match args.format {
        Format::Text => checks.iter().for_each(Check::print),
        Format::Json => println!("{:#}", serde_json::to_value(&checks)?),
    }
    let is_ill = checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if is_ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn examine(given: &Given) -> anyhow::Result<Vec<Check>> {
    let config = match Config::read(given) {
        Ok(config) => config,
        Err(error) => {
            let advice = "correct what is named; `ostiary config` prints every setting and where it came from";
            return Ok(vec![Check::bad("configuration", error.to_string(), advice)]);
        }
    };
    let mut checks = vec![Check::good("configuration", "can be used")];
    checks.extend(environment::check(&config, given));
    block_on(async {
        checks.extend(database::check(&config).await);
        checks.extend(redis::check(&config).await);
        Ok(checks)
    })
}
