//! The API's document as it is served: the same for everybody, and made once.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};

/// To be kept, and asked for again each time whether it is still the same.
const CACHING: HeaderValue = HeaderValue::from_static("no-cache");

/// The document, and what tells it from that of another version.
struct Served {
    body: Bytes,
    etag: HeaderValue,
}

static SERVED: LazyLock<Served> = LazyLock::new(|| {
    // Made of names and texts: it can always be written.
    let body = serde_json::to_vec(&crate::openapi()).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("\"{:016x}\"", hasher.finish());
    Served { body: body.into(), etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"1\"")) }
});

/// `GET /openapi.json`
pub(crate) async fn handler(headers: HeaderMap) -> Response {
    let Served { body, etag } = &*SERVED;
    let is_known = headers.get_all(IF_NONE_MATCH).iter().any(|known| is_among(known, etag));
    if is_known {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag.clone()), (CACHE_CONTROL, CACHING)]).into_response();
    }
    let media = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, media), (ETAG, etag.clone()), (CACHE_CONTROL, CACHING)], body.clone()).into_response()
}

/// Whether a client that sends these has the document (RFC 9110 section 13.1.2).
fn is_among(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn document_is_sent_again_only_to_those_who_do_not_have_it() {
        let first = handler(HeaderMap::new()).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[CONTENT_TYPE], "application/json");
        let etag = first.headers()[ETAG].clone();
        let body = axum::body::to_bytes(first.into_body(), usize::MAX).await.expect("a body");
        let read: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(read["info"]["title"], "Ostiary");
        for (sent, status) in [
            (etag.clone(), StatusCode::NOT_MODIFIED),
            (HeaderValue::from_static("W/\"other\", *"), StatusCode::NOT_MODIFIED),
            (HeaderValue::from_static("\"other\""), StatusCode::OK),
        ] {
            let answer = handler(HeaderMap::from_iter([(IF_NONE_MATCH, sent)])).await;
            assert_eq!((answer.status(), &answer.headers()[ETAG]), (status, &etag));
        }
    }
}
