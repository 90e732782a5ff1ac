//! Headers that tell browsers what our answers may not be used for.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

/// Scripts, images and connections of our own only; the editor of the dashboard sets styles in place. Nothing may show
/// our pages in a frame, and no form leads elsewhere.
const CONTENT: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'",
);

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (CONTENT_SECURITY_POLICY, CONTENT),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Paths hold ids of a tenant's things; no other site has to see them.
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Puts the headers on an answer, unless it has them; a middleware for a whole router.
pub async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Tells browsers to come back over TLS only, for a year: a middleware for an installation that is reached so.
///
/// Of this host alone: what else is on the domain is not ours to decide.
pub async fn strict_transport_security(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let year = HeaderValue::from_static("max-age=31536000");
    response.headers_mut().entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn answer_has_every_header_and_keeps_its_own() {
        let own = async || ([(X_FRAME_OPTIONS, "SAMEORIGIN")], "x");
        let router = Router::new().route("/", get(own)).layer(from_fn(security_headers));
        for path in ["/", "/missing"] {
            let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            for (name, _) in HEADERS {
                assert!(response.headers().contains_key(&name), "{path}: {name}");
            }
            assert_eq!(response.headers()[X_FRAME_OPTIONS] == "SAMEORIGIN", path == "/");
        }
    }
}
