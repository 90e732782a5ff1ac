//! Servers and their tools.

use http::StatusCode;
use ostiary_api::discovery::DiscoveryError;
use ostiary_storage::ReadServers;
use serde_json::json;

use super::world::{URL, World, offers};

#[tokio::test]
async fn server_is_registered_with_its_tools() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "Acme").await;
    let headers = json!([{"name": "Authorization", "value": "Bearer s3cret"}]);
    let body = json!({"name": "My Demo", "url": URL, "auth": {"kind": "headers", "headers": headers}});
    let answer = ada.post("/servers", &body).await;
    assert_eq!(answer.headers["etag"], "\"1\"");
    assert!(!answer.text.contains("s3cret"));
    let server = answer.expect(StatusCode::CREATED);
    assert_eq!(server["slug"], "my-demo");
    assert_eq!(server["gateway_url"], "http://127.0.0.1:8080/mcp/acme/my-demo");
    assert_eq!(server["auth"], json!({"kind": "headers", "header_names": ["authorization"]}));
    assert_eq!(server["inventory"]["tools"], 3);
    assert_eq!(world.servers.sent()["authorization"], "Bearer s3cret");
    assert_eq!(world.advances(), 1);

    let id = server["id"].as_str().expect("an id");
    let first = ada.get(&format!("/servers/{id}/tools?limit=2")).await.expect(StatusCode::OK);
    assert_eq!(first["items"][0]["name"], "create_session");
    assert_eq!(first["items"][0]["state"], "accepted");
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = ada.get(&format!("/servers/{id}/tools?limit=2&cursor={cursor}")).await.expect(StatusCode::OK);
    assert_eq!((&second["items"][0]["name"], &second["next_cursor"]), (&json!("list_users"), &json!(null)));
    let found = ada.get(&format!("/servers/{id}/tools?q=DELETE")).await.expect(StatusCode::OK);
    assert_eq!(
        (found["items"].as_array().expect("items").len(), &found["items"][0]["name"]),
        (1, &json!("delete_user"))
    );
    let tool = ada.get(&format!("/servers/{id}/tools/create_session")).await.expect(StatusCode::OK);
    assert_eq!(tool["input_schema"], json!({"type": "object"}));
    ada.get(&format!("/servers/{id}/tools/nothing")).await.expect_problem(404, "not_found");
    let listed = ada.get("/servers").await.expect(StatusCode::OK);
    assert_eq!(listed["items"][0]["id"], id);
    assert_eq!(ada.get(&format!("/servers/{id}/health")).await.expect(StatusCode::OK)["status"], "ok");
}

#[tokio::test]
async fn server_that_cannot_be_read_is_not_stored_and_says_why() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    for error in [
        DiscoveryError::AddressBlocked { reason: "x".to_owned() },
        DiscoveryError::Unreachable,
        DiscoveryError::Redirects,
        DiscoveryError::NotMcp,
        DiscoveryError::Garbage { reason: "x" },
        DiscoveryError::Timeout,
        DiscoveryError::Unauthorized { status: 401 },
        DiscoveryError::HttpError { status: 500 },
    ] {
        let code = error.code();
        world.servers.answer("https://bad.example/mcp", Err(error));
        let answer = ada.post("/servers", &json!({"name": "Bad", "url": "https://bad.example/mcp"})).await;
        answer.expect_errors(&[("/url", code)]);
    }
    for url in ["", "nothing", "ftp://x/y", "file:///etc/passwd"] {
        let answer = ada.post("/servers", &json!({"name": "Bad", "url": url})).await;
        answer.expect_errors(&[("/url", "upstream_url_invalid")]);
    }
    assert_eq!(ada.get("/servers").await.expect(StatusCode::OK)["items"], json!([]));
    assert_eq!(world.advances(), 0);
}

#[tokio::test]
async fn server_with_bad_input_says_everything_that_is_wrong() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let body = json!({"slug": "A B", "on_tool_change": "ignore", "auth": {"kind": "magic"}, "x": 1});
    ada.post("/servers", &body).await.expect_errors(&[
        ("/slug", "invalid"),
        ("/name", "required"),
        ("/url", "required"),
        ("/auth/kind", "invalid"),
        ("/on_tool_change", "invalid"),
        ("/x", "unknown_member"),
    ]);
    let headers = json!([{"name": "Host", "value": "x"}, {"name": "X-A", "value": "a\nb"}]);
    let body = json!({"name": "A", "url": URL, "auth": {"kind": "headers", "headers": headers}});
    ada.post("/servers", &body)
        .await
        .expect_errors(&[("/auth/headers/0/name", "invalid"), ("/auth/headers/1/value", "invalid")]);
    ada.server().await;
    let body = json!({"name": "Demo", "url": URL});
    ada.post("/servers", &body).await.expect_problem(409, "server_slug_taken");
}

#[tokio::test]
async fn server_is_changed_by_who_saw_its_newest_state() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let path = format!("/servers/{}", ada.server().await);
    let change = json!({"name": "Other", "on_tool_change": "allow"});
    let answer = ada.send("PATCH", &path, Some(&change), Some("\"1\"")).await;
    assert_eq!(answer.headers["etag"], "\"2\"");
    let server = answer.expect(StatusCode::OK);
    assert_eq!((&server["name"], &server["on_tool_change"]), (&json!("Other"), &json!("allow")));
    ada.send("PATCH", &path, Some(&change), Some("\"1\"")).await.expect_problem(412, "stale_version");
    ada.patch(&path, &json!({"url": "https://gone.example/mcp"}))
        .await
        .expect_errors(&[("/url", "upstream_unreachable")]);
    assert_eq!(ada.get(&path).await.expect(StatusCode::OK)["url"], URL);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    ada.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn refresh_keeps_the_last_inventory_when_the_server_fails_or_lists_nothing() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let path = format!("/servers/{}", ada.server().await);
    for answer in [Err(DiscoveryError::Timeout), offers(&[])] {
        world.servers.answer(URL, answer);
        let server = ada.send("POST", &format!("{path}/refresh"), None, None).await.expect(StatusCode::OK);
        assert_eq!((&server["inventory"]["tools"], &server["inventory"]["stale"]), (&json!(3), &json!(true)));
        assert_ne!(server["inventory"]["error"], json!(null));
        assert_eq!(ada.get(&format!("{path}/health")).await.expect(StatusCode::OK)["status"], "failing");
    }
    world.servers.answer(URL, offers(&["one"]));
    let server = ada.send("POST", &format!("{path}/refresh"), None, None).await.expect(StatusCode::OK);
    assert_eq!((&server["inventory"]["tools"], &server["inventory"]["error"]), (&json!(1), &json!(null)));
}

#[tokio::test]
async fn tool_that_changed_is_accepted_by_its_fingerprint() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let path = format!("/servers/{}", ada.server().await);
    let mut changed = offers(&["create_session"]).expect("an inventory");
    changed.tools[0].definition["description"] = json!("Does something else.");
    world.servers.answer(URL, Ok(changed));
    ada.send("POST", &format!("{path}/refresh"), None, None).await.expect(StatusCode::OK);
    let tool = format!("{path}/tools/create_session");
    let seen = ada.get(&tool).await.expect(StatusCode::OK);
    assert_eq!(seen["state"], "changed");
    let wrong = json!({"accept": true, "fingerprint": "0".repeat(64)});
    ada.patch(&tool, &wrong).await.expect_problem(412, "stale_version");
    ada.patch(&tool, &json!({"accept": false, "fingerprint": 1}))
        .await
        .expect_errors(&[("/accept", "invalid"), ("/fingerprint", "wrong_type")]);
    let accepted = ada.patch(&tool, &json!({"accept": true, "fingerprint": seen["fingerprint"]})).await;
    assert_eq!(accepted.expect(StatusCode::OK)["state"], "accepted");
}

#[tokio::test]
async fn refresh_overtaken_by_another_address_leaves_the_tools_of_that_one() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let id = server.parse().expect("an id");
    // What a refresh has in hand while it reads.
    let before = world.store.get_server(account_id, id).await.expect("read").expect("there");
    let other = "https://other.example.com/mcp";
    world.servers.answer(other, offers(&["other_tool"]));
    ada.patch(&format!("/servers/{server}"), &json!({"url": other})).await.expect(StatusCode::OK);
    let actor = ostiary_model::AuditActor::system("inventory");
    ostiary_api::ops::inventory::refresh(&world.state, account_id, &before, actor).await.expect("no error");
    let tools = ada.get(&format!("/servers/{server}/tools")).await.expect(StatusCode::OK);
    assert_eq!((&tools["items"][0]["name"], &tools["items"][1]), (&json!("other_tool"), &json!(null)));
}
