//! The end of the process: asked for by a signal, waited for within bounds.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What everything that runs is told by, and counted in.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Cancelled when the process should end: no new work is begun.
    pub token: CancellationToken,
    /// Every task that was started.
    pub tasks: TaskTracker,
}

impl Shutdown {
    /// Asks everything to end, and waits for it; answers whether all of it ended within `drain`.
    pub async fn finish(&self, drain: Duration) -> bool {
        self.token.cancel();
        self.tasks.close();
        tokio::time::timeout(drain, self.tasks.wait()).await.is_ok()
    }
}

/// Waits for SIGINT or SIGTERM (Ctrl-C elsewhere).
///
/// # Errors
///
/// When signals cannot be listened to.
pub async fn signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn finish_waits_for_tasks_that_end() {
        let shutdown = Shutdown::default();
        let token = shutdown.token.clone();
        shutdown.tasks.spawn(async move { token.cancelled().await });
        assert!(shutdown.finish(Duration::from_secs(5)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn finish_gives_up_on_a_task_that_does_not_end() {
        let shutdown = Shutdown::default();
        shutdown.tasks.spawn(std::future::pending::<()>());
        assert!(!shutdown.finish(Duration::from_secs(5)).await);
    }
}
