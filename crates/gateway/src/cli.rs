//! The command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::command;
use crate::config::Given;
use crate::config::setting::SETTINGS;
use crate::service::Service;

/// A gateway for the Model Context Protocol: nothing reaches a server without passing its owner's rules.
#[derive(Debug, Parser)]
#[command(name = "ostiary", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve everything in one process: API, dashboard and gateway. What happens without a command, too.
    Serve(Settings),
    /// Serve the API and the dashboard alone, beside other processes that serve the gateway.
    Api(Settings),
    /// Serve the gateway alone, beside other processes that serve the API.
    Proxy(Settings),
    /// Bring the database to the form this version needs, or everything from a file to PostgreSQL.
    Migrate(command::migrate::MigrateArgs),
    /// Print the configuration in force, secrets masked.
    Config(command::config::ConfigArgs),
    /// Do for an account what only the operator can.
    Account(command::account::AccountArgs),
    /// Prove that no audit event was altered or removed.
    Audit(command::audit::AuditArgs),
    /// Copy the data directory, while it is served, to a directory that `restore` reads.
    Backup(command::backup::BackupArgs),
    /// Put a backup into the data directory.
    Restore(command::backup::RestoreArgs),
    /// Exchange the secret key, while it is in use.
    Secrets(command::secrets::SecretsArgs),
    /// Do for a person what only the operator can.
    User(command::user::UserArgs),
    /// Look at everything an installation needs, and say what to do.
    Doctor(command::doctor::DoctorArgs),
    /// Ask the process that listens here whether it is well.
    Health(command::health::HealthArgs),
    /// Serve a small MCP server to try policies on.
    SampleUpstream(command::sample_upstream::Args),
    /// Print the API's OpenAPI document.
    Openapi,
    /// Check, try out and lay out policy documents.
    Policy(command::policy::PolicyArgs),
    /// Say what tools are able to do.
    Catalogue(command::catalogue::CatalogueArgs),
}

/// Settings as flags. Each one may as well stand in the file or in its variable.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// A TOML file with settings
    #[arg(long, env = "OSTIARY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen [OSTIARY_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// How people and agents reach it [OSTIARY_PUBLIC_URL]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where the data is [OSTIARY_DATA_DIR]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
    /// Any setting by its path, such as `limits.json_depth=32`; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

impl Settings {
    /// What was given, with the environment below the flags.
    #[must_use]
    pub fn given(&self) -> Given {
        let mut flags: BTreeMap<String, String> = self.set.iter().cloned().collect();
        let named = [("listen", &self.listen), ("public_url", &self.public_url), ("data_dir", &self.data_dir)];
        for (path, value) in named {
            if let Some(value) = value {
                flags.insert(path.to_owned(), value.clone());
            }
        }
        Given { file: self.config.clone(), flags, ..Given::environment() }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (path, value) = text.split_once('=').ok_or("must be a path, `=` and a value")?;
    if SETTINGS.iter().any(|setting| setting.path == path) {
        Ok((path.to_owned(), value.to_owned()))
    } else {
        Err(format!("there is no setting `{path}`; `ostiary config` lists them"))
    }
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    ///
    /// What keeps the command from its work, for the person at the terminal.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command.unwrap_or(Command::Serve(self.settings)) {
            Command::Serve(settings) => command::serve::run(&settings.given()),
            Command::Api(settings) => command::replica::run(Service::Api, &settings.given()),
            Command::Proxy(settings) => command::replica::run(Service::Proxy, &settings.given()),
            Command::Migrate(args) => command::migrate::run(&args),
            Command::Config(args) => command::config::run(&args),
            Command::Account(args) => command::account::run(&args),
            Command::Audit(args) => command::audit::run(args),
            Command::Backup(args) => command::backup::run(&args),
            Command::Restore(args) => command::backup::restore(&args),
            Command::Secrets(args) => command::secrets::run(&args),
            Command::User(args) => command::user::run(&args),
            Command::Doctor(args) => command::doctor::run(&args),
            Command::Health(args) => command::health::run(&args),
            Command::SampleUpstream(args) => {
                command::serve::block_on(command::sample_upstream::run(args))?;
                Ok(ExitCode::SUCCESS)
            }
            Command::Openapi => command::openapi::run(),
            Command::Policy(args) => command::policy::run(args),
            Command::Catalogue(args) => command::catalogue::run(args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(arguments: &[&str]) -> Settings {
        match Cli::try_parse_from(arguments).unwrap() {
            Cli { command: None, settings } => settings,
            Cli { command: Some(Command::Serve(settings)), .. } => settings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn flags_work_with_and_without_the_command() {
        for arguments in [&["ostiary", "--listen", "[::1]:1"][..], &["ostiary", "serve", "--listen", "[::1]:1"]] {
            assert_eq!(settings(arguments).given().flags.get("listen").unwrap(), "[::1]:1");
        }
    }

    #[test]
    fn set_of_an_unknown_setting_is_refused() {
        assert!(Cli::try_parse_from(["ostiary", "--set", "limits.nothing=1"]).is_err());
        assert!(settings(&["ostiary", "--set", "limits.json_depth=9"]).given().flags.contains_key("limits.json_depth"));
    }
}
