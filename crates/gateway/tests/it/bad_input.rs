//! What people and agents get wrong, each with its clear answer and nothing half done.

use ostiary_testkit::{Answer, Caller, TestGateway, TestUpstream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::documents;

/// The pointers and codes of a refused input.
#[track_caller]
fn failures(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 422, "{:#}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    answer.problem().1
}

fn failure(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[tokio::test]
async fn sign_up_with_bad_data_names_every_failure() {
    let gateway = TestGateway::start().await;
    let anonymous = gateway.anonymous();
    let body = json!({"email": "nobody", "password": "short", "account_name": ""});
    let pointers: Vec<_> =
        failures(&anonymous.post("/auth/sign-up", &body).await).into_iter().map(|(pointer, _)| pointer).collect();
    for pointer in ["/email", "/password", "/account_name"] {
        assert!(pointers.contains(&pointer.to_owned()), "{pointers:?}");
    }
    gateway.tenant("acme").await;
    let body = json!({"email": "ACME@example.com", "password": "a long enough passphrase", "account_name": "Other"});
    assert_eq!(failures(&anonymous.post("/auth/sign-up", &body).await), [failure("/email", "email_taken")]);
    let body =
        json!({"email": "x@example.com", "password": "a long enough passphrase", "account_name": "X", "admin": true});
    assert!(anonymous.post("/auth/sign-up", &body).await.status.is_client_error(), "an unknown member is refused");
    let wrong = json!({"email": "acme@example.com", "password": "not this passphrase"});
    let unknown = json!({"email": "nobody@example.com", "password": "not this passphrase"});
    for body in [wrong, unknown] {
        let answer = anonymous.post("/auth/sign-in", &body).await;
        assert_eq!((answer.status.as_u16(), answer.problem().0.as_str()), (401, "wrong_credentials"));
    }
    assert_eq!(anonymous.get("/servers").await.status, 401);
}

/// A listener that answers every connection with the same bytes.
async fn canned(answer: &'static str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    url
}

async fn refused_url(owner: &Caller, url: &str) -> String {
    let answer = owner.post("/servers", &json!({"slug": "bad", "name": "Bad", "url": url})).await;
    let failures = failures(&answer);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0].0, "/url");
    failures[0].1.clone()
}

#[tokio::test]
async fn server_that_cannot_be_used_is_refused_and_not_stored() {
    let gateway = TestGateway::start().await;
    let owner = gateway.tenant("acme").await.owner;
    let page =
        canned("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi").await;
    let garbage =
        canned("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{]")
            .await;
    let redirect =
        canned("HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await;
    let refusing = canned("HTTP/1.1 401 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let broken = canned("HTTP/1.1 500 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/mcp", listener.local_addr().unwrap())
    };
    for (url, codes) in [
        ("ftp://example.com/", &["upstream_url_invalid"][..]),
        ("not a url", &["upstream_url_invalid", "invalid"]),
        ("http://user:secret@127.0.0.1/", &["upstream_url_invalid", "upstream_address_blocked"]),
        ("http://169.254.169.254/latest/", &["upstream_address_blocked"]),
        ("http://10.0.0.1/mcp", &["upstream_address_blocked"]),
        ("https://[fd00::1]/mcp", &["upstream_address_blocked"]),
        ("http://0xa9fea9fe/", &["upstream_address_blocked"]),
        (&closed, &["upstream_unreachable"]),
        (&page, &["upstream_not_mcp", "upstream_garbage"]),
        (&garbage, &["upstream_not_mcp", "upstream_garbage"]),
        (&redirect, &["upstream_redirects"]),
        (&refusing, &["upstream_unauthorized"]),
        (&broken, &["upstream_http_error"]),
    ] {
        let code = refused_url(&owner, url).await;
        assert!(codes.contains(&code.as_str()), "{url}: {code}");
    }
    let servers = owner.get("/servers").await.expect(200);
    assert_eq!(servers["items"], json!([]), "nothing half done");
}

#[tokio::test]
async fn policy_with_several_errors_is_told_all_of_them() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let document = json!({
        "version": "1", "default": "perhaps", "extra": 1,
        "tools": {"get_user": {"limits": [{"counter": "c", "window": "fortnight", "max": 0}]}},
    });
    let body = json!({"server_id": server, "name": "broken", "document": document});
    let answer = tenant.owner.post("/policies", &body).await;
    let failures = failures(&answer);
    assert_eq!(answer.problem().0, "invalid_policy");
    for pointer in ["/document/default", "/document/extra", "/document/tools/get_user/limits/0/window"] {
        assert!(failures.iter().any(|(found, _)| found == pointer), "{pointer}: {failures:?}");
    }
    let validated =
        tenant.owner.post("/policies/validate", &json!({"document": "{\"version\": \"1\",}"})).await.expect(200);
    assert_eq!(validated["valid"], false);
    assert_eq!(tenant.owner.get("/policies").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn things_of_another_account_do_not_exist() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let (ours, theirs) = (gateway.tenant("ours").await, gateway.tenant("theirs").await);
    let server = theirs.server("shop", upstream.url()).await;
    let policy = theirs.policy(&server, "all", &documents::allow_all()).await;
    let body = json!({"label": "thief", "bindings": [{"server_id": server, "policy_id": policy}]});
    let refused = ours.owner.post("/grants", &body).await;
    assert!(matches!(refused.status.as_u16(), 404 | 422), "{:#}", refused.body);
    assert_eq!(ours.owner.get("/grants").await.expect(200)["items"], json!([]));
    for path in [format!("/servers/{server}"), format!("/policies/{policy}"), format!("/servers/{server}/tools")] {
        assert_eq!(ours.owner.get(&path).await.status, 404, "{path}");
    }
    // A grant of ours opens nothing of theirs, and the answer does not tell what is there.
    let own_server = ours.server("shop", upstream.url()).await;
    let own_policy = ours.policy(&own_server, "all", &documents::allow_all()).await;
    let grant = ours.grant("agent", &own_server, &own_policy).await;
    let session = grant.connect().await;
    let mut answers = Vec::new();
    for path in [
        format!("{}/shop", theirs.slug),
        format!("{}/nothing", theirs.slug),
        "nobody/shop".to_owned(),
        format!("{}/nothing", ours.slug),
    ] {
        let response = session.at(&format!("{}/mcp/{path}", gateway.base())).post(&ping()).await.unwrap();
        answers.push((response.status().as_u16(), response.text().await.unwrap()));
    }
    assert_eq!(answers[0].0, 404);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // A session belongs to its grant.
    let other = ours.grant("other agent", &own_server, &own_policy).await;
    assert_eq!(session.with_token(&other.token).post(&ping()).await.unwrap().status(), 404);
}

fn ping() -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string()
}

#[tokio::test]
async fn token_that_is_wrong_revoked_or_expired_is_refused_alike() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    let session = grant.connect().await;
    let expiring = json!({"expires_at": "2020-01-01T00:00:00Z"});
    let mangled = format!("{}x", grant.token);
    let swapped = grant.token.replacen("ost_grant_", "ost_key_", 1);
    for token in ["", "x", "ost_grant_", &mangled, &swapped] {
        let response = session.with_token(token).post(&ping()).await.unwrap();
        assert_eq!(response.status(), 401, "{token}");
        assert!(response.headers().contains_key("www-authenticate"));
        let body: Value = response.json().await.unwrap();
        assert!(body["error"]["code"].is_i64() && !body.to_string().contains(&grant.token), "{body}");
    }
    let changed = tenant.owner.patch(&format!("/grants/{}", grant.id), &expiring).await;
    if changed.status.is_success() {
        assert_eq!(session.post(&ping()).await.unwrap().status(), 401);
    } else {
        // An expiry in the past may be refused as input; then nothing has changed.
        assert_eq!(changed.status, 422);
        assert_eq!(session.post(&ping()).await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn body_that_is_too_large_malformed_or_ambiguous_never_reaches_the_upstream() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::builder().set("limits.body_max_bytes", "65536").start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let session = tenant.grant("agent", &server, &policy).await.connect().await;
    let call = |arguments: &str| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\"arguments\":{arguments}}}}}"
        )
    };
    let large = call(&format!("{{\"mark\":\"{}\"}}", "x".repeat(70_000)));
    assert_eq!(session.post(&large).await.unwrap().status(), 413);
    let deep = call(&format!("{{\"mark\":{}{}}}", "[".repeat(100), "]".repeat(100)));
    let doubled =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"method\":\"ping\",\"params\":{\"name\":\"echo\"}}";
    for body in ["", "{", "[]", "null", "\"x\"", "{\"jsonrpc\":\"2.0\"}", &format!("[{}]", ping()), doubled, &deep] {
        let response = session.post(body).await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let answer: Value = response.json().await.unwrap();
        assert!(answer["error"]["code"].is_i64(), "{answer}");
    }
    // The same member twice among the arguments is a matter of the policy: a denial that a model can read.
    let ambiguous = session.post(&call("{\"amount\":1,\"amount\":2}")).await.unwrap();
    assert_eq!(ambiguous.status(), 200);
    let answer: Value = ambiguous.json().await.unwrap();
    assert_eq!(answer["result"]["_meta"]["ostiary/decision"]["code"], "ambiguous_arguments", "{answer:#}");
    assert_eq!(upstream.calls(), 0);

    let raw = async |body: &str| tenant.owner.send(Method::POST, "/policies", Some(body.to_owned()), &[]).await;
    assert_eq!(raw("{").await.status, 400);
    assert!(raw("[]").await.status.is_client_error());
}

#[tokio::test]
async fn discovery_question_is_answered_by_the_gateway() {
    let upstream = TestUpstream::start().await;
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("shop", upstream.url()).await;
    let policy = tenant.policy(&server, "all", &documents::allow_all()).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    drop(upstream);
    let client = ostiary_testkit::McpSession::without_session(&grant.url, &grant.token);
    let response = client.post_modern("server/discover", &json!({})).await.unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["result"]["supportedVersions"][0], "2026-07-28", "{answer:#}");
    assert_eq!(answer["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "test upstream");

    // What lacks something is refused in a way that makes clients fall back to `initialize`.
    let body = json!({"jsonrpc": "2.0", "id": "d", "method": "server/discover"});
    let response = client.post(&body.to_string()).await.unwrap();
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("d"), &json!(-32602)), "{answer:#}");
}
