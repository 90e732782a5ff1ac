//! Redis, where one is configured.

use std::time::Duration;

use ostiary_admission::RedisLink;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::check::Check;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn check(config: &Config) -> Vec<Check> {
    let Some(url) = &config.redis_url else {
        return vec![Check::good("redis", "none: calls are counted in the process, of which there may be one")];
    };
    if config.database_url.is_none() {
        let advice = "set OSTIARY_DATABASE_URL=postgres://…, or unset OSTIARY_REDIS_URL";
        return vec![Check::bad("redis", "is configured without a PostgreSQL database", advice)];
    }
    let trusted = config.redis.ca_file.as_ref().map(std::fs::read).transpose();
    let trusted = match trusted {
        Ok(trusted) => trusted,
        Err(error) => return vec![Check::bad("redis", error.to_string(), "look at redis.ca_file")],
    };
    let link = match RedisLink::open_trusting(url.expose_secret(), trusted, PATIENCE) {
        Ok(link) => link,
        Err(error) => return vec![Check::bad("redis", error.to_string(), "look at OSTIARY_REDIS_URL")],
    };
    match timeout(PATIENCE, link.inspect()).await {
        Ok(Ok(Ok(concerns))) if concerns.is_empty() => {
            vec![Check::good("redis", "answers, and keeps what it is given")]
        }
        Ok(Ok(Ok(concerns))) => concerns
            .iter()
            .map(|concern| Check::doubtful("redis", concern.as_str(), "see docs/operations.md"))
            .collect(),
        Ok(Ok(Err(error))) => vec![Check::bad("redis", error.to_string(), "change its configuration")],
        Ok(Err(error)) => {
            vec![Check::bad("redis", error.to_string(), "calls with limits are refused until it answers")]
        }
        Err(_) => {
            vec![Check::bad("redis", "does not answer in time", "calls with limits are refused until it does")]
        }
    }
}
