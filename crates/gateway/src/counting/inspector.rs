//! The look at how Redis is set up: one that loses what it is given keeps no promise.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_admission::RedisLink;
use ostiary_admission::redis::{Concern, UnfitError};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long the start waits for Redis, which need not be there yet.
const START: Duration = Duration::from_secs(3);

/// Between two looks.
const ROUND: Duration = Duration::from_secs(60);

/// Between two looks while Redis does not answer.
const RETRY: Duration = Duration::from_secs(5);

/// Looks, and says what it sees whenever that changes.
#[derive(Debug)]
pub(super) struct Inspector {
    link: Arc<RedisLink>,
    seen: Option<Result<Vec<Concern>, UnfitError>>,
}

impl Inspector {
    /// Looks for the first time.
    ///
    /// # Errors
    ///
    /// When Redis answers, and would lose what it is given.
    pub(super) async fn start(link: Arc<RedisLink>) -> anyhow::Result<Self> {
        let mut inspector = Self { link, seen: None };
        match timeout(START, inspector.link.inspect()).await {
            Ok(Ok(found)) => {
                if let Err(error) = &found {
                    return Err(error.clone()).context("cannot use the Redis of redis_url");
                }
                inspector.see(found);
            }
            Ok(Err(error)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "Redis does not answer; calls are refused until it does"
                );
            }
            Err(_) => tracing::warn!("Redis does not answer in time; calls are refused until it does"),
        }
        Ok(inspector)
    }

    /// Looks again and again: what is set can be set otherwise, and a failover leads to another server.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = if self.seen.is_some() { ROUND } else { RETRY };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
            if let Ok(found) = self.link.inspect().await {
                self.see(found);
            }
        }
    }

    fn see(&mut self, found: Result<Vec<Concern>, UnfitError>) {
        match &found {
            Ok(concerns) if self.seen.as_ref() != Some(&found) => {
                for concern in concerns {
                    tracing::warn!("{}", concern.as_str());
                }
            }
            Ok(_) => {}
            // Said every time: somebody must act, while calls go on as they do.
            Err(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "Redis is not set up as it has to be");
            }
        }
        self.seen = Some(found);
    }
}
