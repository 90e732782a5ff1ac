//! `ostiary api` and `ostiary proxy`: the two services as processes of their own.

use std::process::ExitCode;

use anyhow::bail;

use crate::config::Config;

/// Refuses to run one service alone on data that only one process may hold.
///
/// # Errors
///
/// Always: what is missing. Two processes, each with counters of its own, would let calls over their limits; and this
/// version keeps its counters in the process.
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
            "`ostiary {service}` is not part of this version, which counts calls in one process; use `ostiary serve`"
        );
    }
    bail!(
        "`ostiary {service}` shares its data with other processes and needs {}; for one process use `ostiary serve`",
        missing.join(" and ")
    );
}
