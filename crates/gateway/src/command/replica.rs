//! `ostiary api` and `ostiary proxy`: the two services as processes of their own.

use std::process::ExitCode;

use anyhow::bail;

use crate::command::serve;
use crate::config::{Config, Given};
use crate::service::Service;

/// Serves one service beside other processes, until SIGINT or SIGTERM.
///
/// # Errors
///
/// All that is wrong with the configuration, what is missing in it, or what keeps the service from serving. Data that
/// only one process may hold, and counters in the process, are nothing to share: two processes, each with counters of
/// its own, would let calls over their limits.
pub fn run(service: Service, given: &Given) -> anyhow::Result<ExitCode> {
    let config = Config::read(given)?;
    let missing: Vec<_> = [
        ("OSTIARY_DATABASE_URL=postgres://…", config.database_url.is_none()),
        ("OSTIARY_REDIS_URL=redis://…", config.redis_url.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, is_missing)| is_missing.then_some(name))
    .collect();
    if !missing.is_empty() {
        bail!(
            "`ostiary {}` shares its data with other processes and needs {}; for one process use `ostiary serve`",
            service.command(),
            missing.join(" and ")
        );
    }
    serve::serve(service, config, given)
}
