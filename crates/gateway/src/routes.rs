//! Everything that is served beside the data plane, in one router.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use ostiary_api::ApiState;
use ostiary_edge::{access_log, request_id, security_headers};
use ostiary_proxy::Gateway;
use ostiary_storage::Store;

use crate::{dashboard, metrics};

/// How long the database may take to say that it is there.
const READY_PATIENCE: Duration = Duration::from_secs(2);

/// API, documents, health and dashboard.
pub(crate) fn router(api: ApiState, store: Arc<dyn Store>, gateway: Gateway) -> Router {
    ostiary_api::router(api)
        .route("/schemas/policy-v1.json", get(policy_schema))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || ready(store.as_ref()).await))
        .route(
            "/metrics",
            get(async move || ([(CONTENT_TYPE, metrics::MEDIA_TYPE)], metrics::text(&gateway.metrics().counts()))),
        )
        .fallback(dashboard::serve)
        // The last is the outermost.
        .layer(middleware::from_fn(security_headers))
        .layer(middleware::from_fn(access_log))
        .layer(middleware::from_fn(request_id))
}

/// The JSON Schema of policies, for editors: the same text that `ostiary policy schema` prints.
async fn policy_schema() -> impl axum::response::IntoResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", ostiary_policy::json_schema()));
    ([(CONTENT_TYPE, "application/schema+json"), (CACHE_CONTROL, "public, max-age=300")], TEXT.as_str())
}

/// Whether calls would be decided: red when they would be denied for want of the database.
async fn ready(store: &dyn Store) -> Response {
    match tokio::time::timeout(READY_PATIENCE, store.ping()).await {
        Ok(Ok(())) => "ready\n".into_response(),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer in time\n").into_response(),
    }
}
