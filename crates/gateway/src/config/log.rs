//! What is logged.

use tracing_subscriber::EnvFilter;

use super::read::{Reader, text};

/// Which lines are written, and in what form.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Levels by module, such as `info,ostiary_proxy=debug`.
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl LogConfig {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let filter = reader.required("log.filter", |value| {
            let filter = text(value)?;
            EnvFilter::try_new(&filter).map(|_| filter).map_err(|error| format!("is no log filter: {error}"))
        });
        let format = reader.required("log.format", |value| match text(value)?.as_str() {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("must be `text` or `json`".to_owned()),
        });
        Some(Self { filter: filter?, format: format? })
    }
}
