//! The dashboard, inside the program.
//!
//! Built by npm into `web/dist` before the program is, and embedded if it is there; a program without it serves API
//! and gateway all the same. A program in the development profile reads the files from `web/dist` as they are.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Files;

const PAGE: &str = "index.html";

/// The reference of the REST API, a document of its own.
const DOCS: &str = "docs.html";

/// Files with a hash of their content in their name never change under it.
const HASHED: &str = "assets/";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

const ABSENT: &str = "<!doctype html><meta charset=\"utf-8\"><title>Ostiary</title>\
    <p>The dashboard is not part of this program: build it with <code>cargo xtask up</code> (it needs node); \
    the API at <code>/api/v1</code> and the gateway at <code>/mcp</code> work without it.</p>\n";

/// Whether the dashboard is part of the program.
#[must_use]
pub fn is_present() -> bool {
    Files::get(PAGE).is_some()
}

/// Answers a request for a page or a file of the dashboard.
///
/// Its pages are all one document, which shows what its path says: a path that is no file gets that document.
pub async fn serve(request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let path = if path == "docs" { DOCS } else { path };
    if let Some(file) = Files::get(path) {
        return file_response(path, file, request.headers());
    }
    if is_file(path) && path != DOCS {
        return StatusCode::NOT_FOUND.into_response();
    }
    Files::get(PAGE).map_or_else(absent, |page| file_response(PAGE, page, request.headers()))
}

/// Whether a path asks for a file and not for a page.
fn is_file(path: &str) -> bool {
    path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn file_response(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = etag(&file.metadata.sha256_hash());
    let caching = if path.starts_with(HASHED) { FOREVER } else { REVALIDATE };
    let is_known = headers.get_all(IF_NONE_MATCH).iter().any(|known| matches_etag(known, &etag));
    if is_known {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag), (CACHE_CONTROL, caching)]).into_response();
    }
    let media = HeaderValue::from_str(&media_type(file.metadata.mimetype()))
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    ([(CONTENT_TYPE, media), (ETAG, etag), (CACHE_CONTROL, caching)], Body::from(file.data)).into_response()
}

fn absent() -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (CACHE_CONTROL, REVALIDATE)], ABSENT)
        .into_response()
}

/// Texts are UTF-8, and say so.
fn media_type(media: &str) -> String {
    if media.starts_with("text/") && !media.contains("charset") {
        format!("{media}; charset=utf-8")
    } else {
        media.to_owned()
    }
}

/// The content's hash: the same file has the same tag in every build.
fn etag(hash: &[u8; 32]) -> HeaderValue {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(34);
    text.push('"');
    for byte in hash.iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

fn matches_etag(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &str) -> Response {
        serve(Request::get(path).body(Body::empty()).unwrap()).await
    }

    #[tokio::test]
    async fn page_is_answered_with_or_without_a_dashboard() {
        for path in ["/", "/servers/srv_x", "/index.html"] {
            let response = get(path).await;
            if path == "/index.html" && !is_present() {
                assert_eq!(response.status(), StatusCode::NOT_FOUND);
                continue;
            }
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(response.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
            assert_eq!(response.headers()[CACHE_CONTROL], REVALIDATE);
        }
    }

    #[tokio::test]
    async fn file_that_is_not_there_is_not_found() {
        for path in ["/assets/missing.js", "/missing.png", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
            assert_eq!(get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn method_that_writes_is_refused() {
        let response = serve(Request::post("/").body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[ALLOW], "GET, HEAD");
    }

    #[test]
    fn etag_matches_itself_in_a_list_and_weakened() {
        let tag = etag(&[7; 32]);
        let text = tag.to_str().unwrap().to_owned();
        for known in [text.clone(), format!("W/{text}"), format!("\"x\", {text}"), "*".to_owned()] {
            assert!(matches_etag(&HeaderValue::from_str(&known).unwrap(), &tag), "{known}");
        }
        assert!(!matches_etag(&HeaderValue::from_static("\"x\""), &tag));
    }
}
