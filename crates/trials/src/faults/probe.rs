//! Those who notice a fault: agents and people, each with one kind of request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// A call without limits, of a grant that has called before.
    Free,
    /// A call of a tool with a limit a day.
    Few,
    /// A call of a tool with a limit a second.
    Brisk,
    /// A list of tools.
    List,
    /// The first request of a grant.
    NewAgent,
    /// A person who changes a policy.
    Change,
    /// A person who looks at the servers.
    Read,
    /// `/readyz` of a gateway.
    ProxyReady,
    /// `/readyz` of the API.
    ApiReady,
}

impl Probe {
    pub(super) const ALL: [Self; 9] = [
        Self::Free,
        Self::Few,
        Self::Brisk,
        Self::List,
        Self::NewAgent,
        Self::Change,
        Self::Read,
        Self::ProxyReady,
        Self::ApiReady,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Free => "calls without limits",
            Self::Few => "calls with a limit a day",
            Self::Brisk => "calls with a limit a second",
            Self::List => "lists of tools",
            Self::NewAgent => "first requests of a grant",
            Self::Change => "changes of a policy",
            Self::Read => "lists in the dashboard",
            Self::ProxyReady => "readiness of a gateway",
            Self::ApiReady => "readiness of the API",
        }
    }
}

/// One answer. Times are microseconds since the trial began.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) probe: Probe,
    pub(super) started_us: u64,
    pub(super) ended_us: u64,
    pub(super) answer: String,
}

/// Probes that run until they are told to stop.
pub(super) struct Probing {
    pub(super) over: Arc<AtomicBool>,
    pub(super) tasks: JoinSet<Vec<Seen>>,
}

impl Probing {
    pub(super) async fn end(mut self) -> anyhow::Result<Vec<Seen>> {
        self.over.store(true, Ordering::Relaxed);
        let mut seen = Vec::new();
        while let Some(probe) = self.tasks.join_next().await {
            seen.extend(probe?);
        }
        Ok(seen)
    }
}
