//! Configuration: embedded defaults, then a file, then `OSTIARY_*` variables, then flags.
//!
//! Read as a whole: every problem is reported at once, each with its setting and where its value came from. To add a
//! setting: a line in [`setting::SETTINGS`] and in `config.default.toml`, and a field in its section.

mod database;
mod http;
mod limits;
mod listen;
mod log;
mod mail;
mod oidc;
mod plans;
mod read;
mod redis;
pub mod setting;
mod source;
mod upstream;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ostiary_auth::SecretKey;
use ostiary_model::Plans;
use secrecy::SecretString;

pub use self::database::DatabaseConfig;
pub use self::http::HttpConfig;
pub use self::limits::LimitsConfig;
pub use self::listen::ListenConfig;
pub use self::log::{LogConfig, LogFormat};
pub use self::mail::MailServer;
pub use self::oidc::OidcProvider;
pub use self::read::{InForce, Problem};
use self::read::{Reader, number, secret, text};
pub use self::redis::RedisConfig;
pub use self::source::{Given, unknown_variables};
pub use self::upstream::UpstreamConfig;

/// Everything the program was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses it listens on and is reached by.
    pub listen: ListenConfig,
    /// Where its data is.
    pub data_dir: PathBuf,
    /// Another database than the one in the data directory; its URL may hold a password.
    pub database_url: Option<SecretString>,
    /// How that one is used.
    pub database: DatabaseConfig,
    /// Counters outside the process.
    pub redis_url: Option<SecretString>,
    /// How that is used.
    pub redis: RedisConfig,
    /// The secret key, unless it is the one of the data directory.
    pub secret_key: Option<SecretKey>,
    /// A key that opens what it sealed, and seals nothing: there is one while the secret key is exchanged.
    pub secret_key_other: Option<SecretKey>,
    /// Where mail is handed over; without it none is sent.
    pub mail: Option<MailServer>,
    /// Who else says who people are.
    pub oidc: Option<OidcProvider>,
    /// How long an account can be restored after its deletion was asked for.
    pub deletion_grace: Duration,
    /// What accounts may have and do.
    pub plans: Arc<Plans>,
    /// How upstreams are reached.
    pub upstream: UpstreamConfig,
    /// What callers may use.
    pub limits: LimitsConfig,
    /// The listener.
    pub http: HttpConfig,
    /// What is logged.
    pub log: LogConfig,
}

/// A configuration that cannot be used, with everything that is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be used:{}", list(.0))]
pub struct ConfigError(pub Vec<Problem>);

fn list(problems: &[Problem]) -> String {
    use std::fmt::Write as _;
    problems.iter().fold(String::new(), |mut text, problem| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {problem}");
        text
    })
}

impl Config {
    /// Reads and checks everything that was given.
    ///
    /// # Errors
    /// All problems at once.
    pub fn read(given: &Given) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(given);
        let config = Self::read_from(&mut reader);
        match config {
            Some(config) if reader.problems().is_empty() => Ok(config),
            _ => Err(ConfigError(reader.into_problems())),
        }
    }

    /// What is in force, setting by setting, secrets masked.
    #[must_use]
    pub fn in_force(given: &Given) -> Vec<InForce> {
        Reader::new(given).in_force()
    }

    fn read_from(reader: &mut Reader) -> Option<Self> {
        // Every section is read before any is given up, so that no problem hides another.
        let listen = ListenConfig::read(reader);
        let data_dir = reader.required("data_dir", |value| text(value).map(PathBuf::from));
        let database_url = reader.optional("database_url", secret);
        let database = DatabaseConfig::read(reader);
        let redis_url = reader.optional("redis_url", secret);
        let redis = RedisConfig::read(reader);
        let key = |value: &_| SecretKey::from_base64(&text(value)?).map_err(|error| error.to_string());
        let secret_key = reader.optional("secret_key", key);
        let secret_key_other = reader.optional("secret_key_other", key);
        let mail = MailServer::read(reader);
        let oidc = OidcProvider::read(reader);
        let deletion_grace = reader.required("accounts.deletion_grace_days", |value| number(value, 0, 365));
        let plans = plans::read(reader);
        let upstream = UpstreamConfig::read(reader);
        let limits = LimitsConfig::read(reader);
        let http = HttpConfig::read(reader);
        let log = LogConfig::read(reader);
        Some(Self {
            listen: listen?,
            data_dir: data_dir?,
            database_url: database_url?,
            database: database?,
            redis_url: redis_url?,
            redis: redis?,
            secret_key: secret_key?,
            secret_key_other: secret_key_other?,
            mail: mail?,
            oidc: oidc?,
            deletion_grace: Duration::from_secs(deletion_grace? * 24 * 3600),
            plans: Arc::new(plans?),
            upstream: upstream?,
            limits: limits?,
            http: http?,
            log: log?,
        })
    }
}

#[cfg(test)]
mod tests;
