//! Everything that is served beside the data plane, in one router.

mod health;

use std::sync::LazyLock;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use ostiary_api::ApiState;
use ostiary_edge::{access_log, request_id, security_headers};

use crate::dashboard;

pub(crate) use self::health::Health;

/// Health, and with an API the API, its documents and the dashboard.
pub(crate) fn router(api: Option<ApiState>, health: Health) -> Router {
    let has_gateway = health.has_gateway();
    let router = match api {
        Some(api) => pages(api, has_gateway),
        None => Router::new(),
    };
    router
        .merge(health.router())
        // The last is the outermost.
        .layer(middleware::from_fn(security_headers))
        .layer(middleware::from_fn(access_log))
        .layer(middleware::from_fn(request_id))
}

fn pages(api: ApiState, has_gateway: bool) -> Router {
    let pages = ostiary_api::router(api).route("/schemas/policy-v1.json", get(policy_schema));
    // An agent that comes to the wrong door is not to be shown a page.
    let pages = if has_gateway {
        pages
    } else {
        pages.route("/mcp", any(gateway_elsewhere)).route("/mcp/{*path}", any(gateway_elsewhere))
    };
    pages.fallback(dashboard::serve)
}

async fn gateway_elsewhere() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "the gateway is served by `ostiary proxy`\n")
}

/// The JSON Schema of policies, for editors: the same text that `ostiary policy schema` prints.
async fn policy_schema() -> impl IntoResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", ostiary_policy::json_schema()));
    ([(CONTENT_TYPE, "application/schema+json"), (CACHE_CONTROL, "public, max-age=300")], TEXT.as_str())
}
