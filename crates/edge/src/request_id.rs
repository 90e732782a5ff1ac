//! An id for every request: in the answer, in problems, in the log.

use std::fmt;
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use uuid::Uuid;

use crate::problem::Problem;

/// The header that names the request.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request. Made here and never taken from the caller, who could have two requests share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Middleware: gives the request an id as an extension, names it in the answer, and puts it into the `instance` of a
/// problem.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = RequestId(format!("req_{}", Uuid::now_v7().simple()).into());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = name(response, problem, &id);
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The same answer, with a problem that names its request.
fn name(response: Response, problem: Problem, id: &RequestId) -> Response {
    let (parts, _) = response.into_parts();
    let mut named = problem.with_instance(id.to_string()).into_response();
    // Layers between here and the problem may have added headers of their own.
    for (name, value) in &parts.headers {
        if name != http::header::CONTENT_LENGTH && !named.headers().contains_key(name) {
            named.headers_mut().append(name, value.clone());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn request_id_is_in_the_header_and_in_the_problem() {
        let problem =
            || async { ([("x-other", "1")], Problem::new(StatusCode::NOT_FOUND, "not_found", "Not found", "x")) };
        let router = Router::new().route("/", get(problem)).layer(from_fn(request_id));
        let request = Request::builder().uri("/").header(HEADER, "forged").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("never fails");
        let id = response.headers()[HEADER].to_str().expect("text").to_owned();
        assert!(id.starts_with("req_") && id.len() == 36, "{id}");
        assert_eq!(response.headers()["x-other"], "1");
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["instance"], id);
    }
}
