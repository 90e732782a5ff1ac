//! Grants and their bindings.

use std::time::Duration;

use chrono::TimeDelta;
use http::StatusCode;
use ostiary_model::Clock;
use ostiary_storage::{ReadGrants, ReadSnapshots};
use serde_json::json;

use super::world::World;
use ostiary_auth::{TokenHash, TokenKind};

#[tokio::test]
async fn grant_is_minted_with_a_token_that_is_shown_once() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "Acme").await;
    let server = ada.server().await;
    let before = world.advances();
    let minted = ada.grant(&server, None).await;
    assert_eq!(world.advances(), before + 1);
    let token = minted["token"].as_str().expect("a token");
    let hash = TokenHash::of(TokenKind::Grant, token).expect("a token");
    assert!(world.store.find_snapshot_by_token(hash.as_bytes()).await.expect("a store").is_some());
    let grant = &minted["grant"];
    assert_eq!((&grant["status"], &grant["metadata"]), (&json!("active"), &json!({})));
    let binding = json!({
        "server_id": server, "server_slug": "demo", "policy_id": null, "policy_name": null, "mode": "enforce",
        "gateway_url": "http://127.0.0.1:8080/mcp/acme/demo",
    });
    assert_eq!(grant["bindings"], json!([binding]));
    let listed = ada.get("/grants").await;
    assert!(!listed.text.contains(token));
    assert_eq!(listed.expect(StatusCode::OK)["items"][0]["id"], grant["id"]);
}

#[tokio::test]
async fn grant_with_bad_input_says_everything_that_is_wrong() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let bob = world.sign_up("b@x.org", "B").await;
    let (own, foreign) = (ada.server().await, bob.server().await);
    let document = json!({"version": "1", "default": "allow"});
    let foreign_policy = bob.policy(&foreign, &document).await;
    let body = json!({"bindings": [{"server_id": "srv_x"}], "metadata": [], "expires_at": "soon"});
    ada.post("/grants", &body).await.expect_errors(&[
        ("/label", "required"),
        ("/bindings/0/server_id", "invalid"),
        ("/metadata", "wrong_type"),
        ("/expires_at", "invalid"),
    ]);
    let bindings = json!([{"server_id": own, "policy_id": foreign_policy}, {"server_id": foreign}]);
    ada.post("/grants", &json!({"label": "x", "bindings": bindings}))
        .await
        .expect_errors(&[("/bindings/0/policy_id", "not_found"), ("/bindings/1/server_id", "not_found")]);
    let bindings = json!([{"server_id": own}, {"server_id": own}]);
    ada.post("/grants", &json!({"label": "x", "bindings": bindings}))
        .await
        .expect_errors(&[("/bindings", "duplicate_server")]);
    ada.post("/grants", &json!({"label": "x", "bindings": []})).await.expect_errors(&[("/bindings", "out_of_range")]);
    assert_eq!(ada.get("/grants").await.expect(StatusCode::OK)["items"], json!([]));
}

#[tokio::test]
async fn grant_is_changed_expires_and_is_revoked() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let id = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/grants/{id}");
    let expires_at = world.clock.now() + TimeDelta::hours(1);
    let change = json!({"label": "Other", "metadata": {"team": "x"}, "expires_at": expires_at});
    let grant = ada.patch(&path, &change).await.expect(StatusCode::OK);
    assert_eq!((&grant["label"], &grant["metadata"]["team"]), (&json!("Other"), &json!("x")));
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(ada.get(&path).await.expect(StatusCode::OK)["status"], "expired");
    assert_eq!(ada.patch(&path, &json!({"expires_at": null})).await.expect(StatusCode::OK)["status"], "active");
    let before = world.advances();
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(world.advances(), before + 1);
    assert_eq!(ada.get(&path).await.expect(StatusCode::OK)["status"], "revoked");
    ada.patch(&path, &json!({"label": "x"})).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn rotate_gives_a_new_token_and_ends_the_old_one_after_the_overlap() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let minted = ada.grant(&server, None).await;
    let path = format!("/grants/{}/rotate", minted["grant"]["id"].as_str().expect("an id"));
    ada.post(&path, &json!({"overlap_seconds": 86_401})).await.expect_errors(&[("/overlap_seconds", "out_of_range")]);
    let rotated = ada.post(&path, &json!({"overlap_seconds": 60})).await.expect(StatusCode::OK);
    assert_ne!(rotated["token"], minted["token"]);
    let hash = TokenHash::of(TokenKind::Grant, minted["token"].as_str().expect("a token")).expect("a token");
    let snapshot = world.store.find_snapshot_by_token(hash.as_bytes()).await.expect("a store").expect("the old token");
    let until = snapshot.token_expires_at.expect("an end");
    assert_eq!(until.timestamp_millis(), world.clock.now_ms() + 60_000);
}

#[tokio::test]
async fn binding_is_put_and_taken_away() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let policy = ada.policy(&server, &json!({"version": "1", "default": "allow"})).await;
    let id = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/grants/{id}/bindings/{server}");
    let body = json!({"policy_id": policy, "mode": "shadow"});
    let grant = ada.send("PUT", &path, Some(&body), None).await.expect(StatusCode::OK);
    assert_eq!(grant["bindings"][0]["policy_name"], "First");
    assert_eq!(grant["bindings"][0]["mode"], "shadow");
    ada.send("PUT", &path, Some(&json!({"policy_id": "pol_x"})), None)
        .await
        .expect_errors(&[("/policy_id", "invalid")]);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    ada.delete(&path).await.expect_problem(404, "not_found");
    // Reaching one more server takes an admin; changing how a server is reached does not.
    let manager = ada.key("policy_manager").await;
    world.with_key(&manager).send("PUT", &path, Some(&body), None).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn change_whose_caller_leaves_comes_into_force() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let id = grant.parse().expect("an id");
    let before = world.advances();
    world.slow_down(Duration::from_millis(200));
    let path = format!("/grants/{grant}");
    let revoked = async {
        while world.store.get_grant(account_id, id).await.expect("read").expect("there").revoked_at.is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = ada.delete(&path) => panic!("answered before caches were told"),
        () = revoked => {}
    }
    assert_eq!(world.advances(), before, "the caller has left between the two");
    tokio::time::timeout(Duration::from_secs(10), async {
        while world.advances() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("caches are told all the same");
}
