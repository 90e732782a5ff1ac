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
use ostiary_edge::{
    TrustedProxies, access_log, client_address, request_id, security_headers, strict_transport_security,
};

use crate::dashboard;

pub(crate) use self::health::Health;

/// What stands between here and the people.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    /// Proxies whose word on a client's address is taken.
    pub(crate) proxies: TrustedProxies,
    /// Whether people come over TLS.
    pub(crate) is_tls: bool,
}

/// Health, and with an API the API, its documents and the dashboard.
pub(crate) fn router(api: Option<ApiState>, health: Health, outside: Outside) -> Router {
    let has_gateway = health.has_gateway();
    let router = match api {
        Some(api) => pages(api, has_gateway),
        None => Router::new(),
    };
    let router = router.merge(health.router());
    let router = if outside.is_tls { router.layer(middleware::from_fn(strict_transport_security)) } else { router };
    router
        // The last is the outermost.
        .layer(middleware::from_fn(security_headers))
        .layer(middleware::from_fn(access_log))
        .layer(middleware::from_fn(request_id))
        .layer(middleware::from_fn_with_state(outside.proxies, client_address))
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
