//! The edge of the data plane: heads of requests that are too large, and pages in browsers.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION,
    ORIGIN,
};
use http::{HeaderValue, StatusCode};
use ostiary_proxy::ProxyConfig;
use serde_json::json;

use super::upstream::Upstream;
use super::world::{Plan, World};

async fn world() -> World {
    let config = ProxyConfig {
        listens_on_loopback: true,
        allowed_origins: vec!["https://ok.example".to_owned()],
        headers_max: 20,
        headers_max_bytes: 4096,
        ..ProxyConfig::default()
    };
    World::start(&Upstream::ordinary().await.url(), Plan { config, ..Plan::default() }).await
}

#[tokio::test]
async fn headers_above_either_bound_are_431_in_words() {
    let world = world().await;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let mut many = world.post_request("", &ping);
    for number in 0..20 {
        let name = http::HeaderName::try_from(format!("x-{number}")).expect("name");
        many.headers_mut().insert(name, HeaderValue::from_static("1"));
    }
    let mut long = world.post_request("", &ping);
    long.headers_mut().insert("x-long", HeaderValue::try_from("x".repeat(4096)).expect("value"));
    for request in [many, long] {
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, -31005));
    }
    let refusals = world.gateway.metrics().counts();
    assert!(refusals.iter().any(|count| count.kind == "headers_too_large" && count.value == 2), "{refusals:?}");
}

#[tokio::test]
async fn preflight_of_an_allowed_page_is_answered_without_a_token() {
    let world = world().await;
    let preflight = |origin: &'static str| {
        let mut request = world.request("OPTIONS", "");
        request.headers_mut().remove(AUTHORIZATION);
        request.headers_mut().insert(ORIGIN, HeaderValue::from_static(origin));
        request.headers_mut().insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"));
        let wanted = HeaderValue::from_static("authorization,content-type,mcp-param-region,x-other");
        request.headers_mut().insert(ACCESS_CONTROL_REQUEST_HEADERS, wanted);
        request
    };
    let answer = world.send(preflight("https://ok.example")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://ok.example");
    assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_METHODS], "POST, GET, DELETE");
    assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_HEADERS], "authorization, content-type, mcp-param-region");
    let answer = world.send(preflight("https://evil.example")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn allowed_page_may_read_answers_and_challenges() {
    let world = world().await;
    let session = world.session().await;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let from = |origin: Option<&'static str>, token: bool| {
        let mut request = world.post_request(&session, &ping);
        if let Some(origin) = origin {
            request.headers_mut().insert(ORIGIN, HeaderValue::from_static(origin));
        }
        if !token {
            request.headers_mut().remove(AUTHORIZATION);
        }
        request
    };
    for (token, status) in [(true, StatusCode::OK), (false, StatusCode::UNAUTHORIZED)] {
        let answer = world.send(from(Some("https://ok.example"), token)).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers[ACCESS_CONTROL_ALLOW_ORIGIN], "https://ok.example");
        let exposed = answer.headers[ACCESS_CONTROL_EXPOSE_HEADERS].to_str().expect("text");
        assert!(exposed.contains("Mcp-Session-Id") && exposed.contains("WWW-Authenticate"), "{exposed}");
    }
    let answer = world.send(from(None, true)).await;
    assert!(!answer.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "a program is no page");
}
