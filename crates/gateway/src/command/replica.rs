//! `ostiary api` and `ostiary proxy`: the two services as processes of their own.

use std::process::ExitCode;

use anyhow::bail;

use crate::config::Config;

/// Refuses to run one service alone on data that only one process may hold.
///
/// # Errors
///
/// Always: what is missing. Two processes on one SQLite file, each with counters of its own, would let calls over
/// their limits; and no other backend is part of this version.
pub fn run(service: &str, config: &Config) -> anyhow::Result<ExitCode> {
    let missing: Vec<_> = [
        ("OSTIARY_DATABASE_URL=postgres://…", config.database_url.is_none()),
        ("OSTIARY_REDIS_URL=redis://…", config.redis_url.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, is_missing)| is_missing.then_some(name))
    .collect();
    if missing.is_empty() {
        bail!(
            "`ostiary {service}` needs the Postgres and Redis backends, which this version does not have; use `ostiary serve`"
        );
    }
    bail!(
        "`ostiary {service}` shares its data with other processes and needs {}; for one process use `ostiary serve`",
        missing.join(" and ")
    );
}
