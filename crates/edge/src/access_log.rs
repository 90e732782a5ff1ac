//! One line a request.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

use crate::request_id::RequestId;

/// Middleware: logs method, route template, status and duration when the head of the answer is known.
///
/// SECURITY: the template and not the path, and no query: ids, cursors and what people search for stay out of the log.
/// Put it inside [`request_id`](crate::request_id::request_id), whose id it names.
pub async fn access_log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let started = Instant::now();
    let response = next.run(request).await;
    tracing::info!(
        http.method = %method,
        http.route = route.as_deref().unwrap_or("-"),
        http.status = response.status().as_u16(),
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        request.id = id.as_deref().unwrap_or("-"),
        "request"
    );
    response
}
