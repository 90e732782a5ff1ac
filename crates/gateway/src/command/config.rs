//! `ostiary config`: what is in force, and where it came from.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::cli::Settings;
use crate::config::{Config, Given, InForce};

/// Arguments of `ostiary config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
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

/// Prints every setting; exits with a failure when the configuration cannot be used, and says why.
///
/// # Errors
///
/// All that is wrong with the configuration.
pub fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let given = args.settings.given();
    match args.format {
        Format::Text => print_text(&given),
        Format::Json => println!("{:#}", json(&Config::in_force(&given))),
    }
    Config::read(&given)?;
    Ok(ExitCode::SUCCESS)
}

fn print_text(given: &Given) {
    for setting in Config::in_force(given) {
        let value = setting.value.unwrap_or_else(|| "-".to_owned());
        println!("{:<32} {value:<24} {:<12} {}", setting.path, setting.source, setting.variable);
    }
}

fn json(settings: &[InForce]) -> serde_json::Value {
    let entry = |setting: &InForce| {
        let value = serde_json::json!({
            "value": setting.value, "source": setting.source, "variable": setting.variable,
        });
        (setting.path.to_owned(), value)
    };
    serde_json::Value::Object(settings.iter().map(entry).collect())
}
