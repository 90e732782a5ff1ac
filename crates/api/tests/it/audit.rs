//! The log of changes.

use http::StatusCode;
use ostiary_storage::audit::verify;
use serde_json::{Value, json};

use super::world::{Caller, URL, World};

async fn events(caller: &Caller<'_>, query: &str) -> Vec<Value> {
    let body = caller.get(&format!("/audit-events{query}")).await.expect(StatusCode::OK);
    body["items"].as_array().expect("items").clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn every_change_is_written_down_with_who_and_what() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let policy = ada.policy(&server, &json!({"version": "1", "default": "deny"})).await;
    let grant = ada.grant(&server, Some(&policy)).await["grant"]["id"].as_str().expect("an id").to_owned();
    let key = ada.key("admin").await;
    let bot = world.with_key(&key);
    let document = json!({"document": {"version": "1", "default": "allow"}});
    ada.send("PUT", &format!("/policies/{policy}"), Some(&document), Some("\"1\"")).await.expect(StatusCode::OK);
    let rollback = json!({"version": 1});
    let path = format!("/policies/{policy}/rollback");
    ada.send("POST", &path, Some(&rollback), Some("\"2\"")).await.expect(StatusCode::OK);
    bot.patch(&format!("/servers/{server}"), &json!({"name": "Other"})).await.expect(StatusCode::OK);
    bot.patch(&format!("/grants/{grant}"), &json!({"label": "Other"})).await.expect(StatusCode::OK);
    bot.post(&format!("/grants/{grant}/rotate"), &json!({})).await.expect(StatusCode::OK);
    let binding = format!("/grants/{grant}/bindings/{server}");
    bot.send("PUT", &binding, Some(&json!({"mode": "shadow"})), None).await.expect(StatusCode::OK);
    bot.delete(&binding).await.expect(StatusCode::NO_CONTENT);
    bot.delete(&format!("/grants/{grant}")).await.expect(StatusCode::NO_CONTENT);
    bot.delete(&format!("/grants/{grant}")).await.expect(StatusCode::NO_CONTENT);
    bot.delete(&format!("/policies/{policy}")).await.expect(StatusCode::NO_CONTENT);
    bot.delete(&format!("/servers/{server}")).await.expect(StatusCode::NO_CONTENT);
    bot.patch("/account", &json!({"name": "B"})).await.expect(StatusCode::OK);
    let keys = ada.get("/api-keys").await.expect(StatusCode::OK);
    let key_id = keys["items"][0]["id"].as_str().expect("an id");
    ada.delete(&format!("/api-keys/{key_id}")).await.expect(StatusCode::NO_CONTENT);

    let mut found = events(&ada, "").await;
    found.reverse();
    let expected = [
        "account_created",
        "server_created",
        "policy_created",
        "grant_created",
        "api_key_created",
        "policy_updated",
        "policy_rolled_back",
        "server_updated",
        "grant_updated",
        "grant_rotated",
        "binding_put",
        "binding_deleted",
        "grant_revoked",
        "policy_deleted",
        "server_deleted",
        "account_updated",
        "api_key_revoked",
    ];
    assert_eq!(actions(&found), expected);
    assert_eq!(found[0]["actor"]["name"], "ada@x.org");
    let by_key = json!({"kind": "api_key", "id": key_id, "name": "admin"});
    assert_eq!((&found[7]["actor"], &found[7]["object"]["id"]), (&by_key, &json!(server)));
    assert_eq!((&found[7]["before"]["name"], &found[7]["after"]["name"]), (&json!("Demo"), &json!("Other")));
    assert_eq!((&found[6]["after"]["version"], &found[6]["after"]["rolled_back_to"]), (&json!(3), &json!(1)));
    assert_eq!((&found[10]["before"]["mode"], &found[10]["after"]["mode"]), (&json!("enforce"), &json!("shadow")));
    assert_eq!((&found[13]["before"]["version"], &found[13]["after"]), (&json!(3), &json!(null)));
    let head = verify(&world.store, ada.account_id().await, None).await.expect("sound");
    assert_eq!(head.number, i64::try_from(expected.len()).expect("few"));
}

#[tokio::test]
async fn secrets_are_in_no_event() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let auth = json!({"kind": "headers", "headers": [{"name": "authorization", "value": "Bearer hunter2"}]});
    let body = json!({"name": "Demo", "url": URL, "auth": auth});
    let created = ada.post("/servers", &body).await.expect(StatusCode::CREATED);
    let server = created["id"].as_str().expect("an id");
    let minted = ada.grant(server, None).await;
    let key = ada.key("viewer").await;
    let other = json!({"auth": {"kind": "headers", "headers": [{"name": "authorization", "value": "Bearer hunter3"}]}});
    ada.patch(&format!("/servers/{server}"), &other).await.expect(StatusCode::OK);
    let listed = ada.get("/audit-events").await;
    let exported = ada.get("/audit-events/export?format=csv").await;
    for text in [&listed.text, &exported.text] {
        for secret in ["hunter2", "hunter3", minted["token"].as_str().expect("a token"), &key] {
            assert!(!text.contains(secret));
        }
    }
    // That the credentials are others is to be seen all the same.
    let updated = &listed.body["items"][0];
    assert_eq!(updated["action"], "server_updated");
    assert_ne!(updated["before"]["auth"], updated["after"]["auth"]);
}

#[tokio::test]
async fn inventory_that_changed_is_an_event_and_one_that_did_not_is_none() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let refresh = format!("/servers/{server}/refresh");
    ada.send("POST", &refresh, None, None).await.expect(StatusCode::OK);
    world.servers.answer(URL, super::world::offers(&["list_users", "new_tool"]));
    ada.send("POST", &refresh, None, None).await.expect(StatusCode::OK);
    let found = events(&ada, "?action=inventory_changed").await;
    assert_eq!(found.len(), 1);
    let change = json!({"added": ["new_tool"], "removed": ["create_session", "delete_user"], "changed": []});
    assert_eq!(found[0]["after"], change);
}

#[tokio::test]
async fn events_are_filtered_paged_and_exported() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    ada.policy(&server, &json!({"version": "1", "default": "deny"})).await;
    let first = ada.get("/audit-events?limit=2").await.expect(StatusCode::OK);
    assert_eq!(actions(first["items"].as_array().expect("items")), ["policy_created", "server_created"]);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = ada.get(&format!("/audit-events?limit=2&cursor={cursor}")).await.expect(StatusCode::OK);
    assert_eq!(actions(second["items"].as_array().expect("items")), ["account_created"]);
    assert_eq!(second["next_cursor"], json!(null));
    assert_eq!(actions(&events(&ada, &format!("?object_id={server}")).await), ["server_created"]);
    assert_eq!(actions(&events(&ada, "?object_kind=policy&actor_kind=user").await), ["policy_created"]);
    assert!(events(&ada, "?actor_kind=system").await.is_empty());
    ada.get("/audit-events?action=x&actor_kind=y&z=1").await.expect_errors(&[
        ("?action", "invalid"),
        ("?actor_kind", "invalid"),
        ("?z", "unknown_parameter"),
    ]);
    let exported = ada.get("/audit-events/export").await;
    let lines: Vec<Value> = exported.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(actions(&lines), ["policy_created", "server_created", "account_created"]);
    assert_eq!(lines[0]["previous_hash"], lines[1]["hash"]);
}

#[tokio::test]
async fn signing_in_and_out_is_written_down() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let again = json!({"email": "ada@x.org", "password": super::world::PASSWORD});
    let cookie = world.nobody().post("/auth/sign-in", &again).await.cookie();
    world.with_cookie(&cookie).send("POST", "/auth/sign-out", None, None).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(actions(&events(&ada, "").await), ["session_ended", "session_created", "account_created"]);
}
