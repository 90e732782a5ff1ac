//! How the process is: `/healthz`, `/readyz` and `/metrics`.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use ostiary_proxy::Gateway;
use ostiary_storage::Store;
use tokio::time::timeout;

use crate::counting::Counting;
use crate::metrics::{self, Gauge};

/// How long the database, and Redis, may take to say that they are there.
const READY_PATIENCE: Duration = Duration::from_secs(2);

/// What the process depends on, and what it counts.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) counting: Counting,
    /// None where agents are not served.
    pub(crate) gateway: Option<Gateway>,
}

impl Health {
    pub(crate) const fn has_gateway(&self) -> bool {
        self.gateway.is_some()
    }

    pub(crate) fn router(self) -> Router {
        let counted = self.clone();
        Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(async move || self.ready().await))
            .route("/metrics", get(async move || counted.metrics()))
    }

    /// Whether calls would be decided: red when they would be denied for want of the database or of Redis.
    async fn ready(&self) -> Response {
        let database = answers("the database", self.store.ping());
        let redis = answers("Redis", self.counting.ping());
        match tokio::try_join!(database, redis) {
            Ok(_) => "ready\n".into_response(),
            Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
        }
    }

    fn metrics(&self) -> Response {
        let counts = self.gateway.as_ref().map(|gateway| gateway.metrics().counts()).unwrap_or_default();
        let mut gauges = self.counting.gauges();
        gauges.push(tasks());
        ([(CONTENT_TYPE, metrics::MEDIA_TYPE)], metrics::text(&counts, &gauges)).into_response()
    }
}

/// What the process is at: connections, streams and work of its own.
fn tasks() -> Gauge {
    let value = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    Gauge { name: "tasks", about: "Tasks that are alive.", value: value.try_into().unwrap_or(u64::MAX) }
}

async fn answers<E: Display>(who: &str, asked: impl Future<Output = Result<(), E>>) -> Result<(), String> {
    match timeout(READY_PATIENCE, asked).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "{who} does not answer");
            Err(format!("{who} does not answer\n"))
        }
        Err(_) => Err(format!("{who} does not answer in time\n")),
    }
}
