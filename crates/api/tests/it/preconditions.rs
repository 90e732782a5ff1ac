//! Lost updates: whoever changes an object says which version they saw, and is told when there is a newer one.

use std::collections::BTreeMap;

use http::StatusCode;
use ostiary_api::discovery::DiscoveredTool;
use serde_json::{Value, json};

use super::world::{Answer, Caller, URL, World};

/// What is never edited, only ended: there is no version of it, and nothing to lose.
const ENDED_ONLY: [&str; 4] = ["end_other_sessions", "end_session", "revoke_api_key", "revoke_invitation"];

/// Changes that take `If-Match`, with a body that changes something; in an order in which each finds its object.
fn changes(things: &Things) -> Vec<(&'static str, Option<Value>)> {
    vec![
        ("update_account", Some(json!({"name": "Renamed"}))),
        ("update_member", Some(json!({"role": "admin"}))),
        ("update_server", Some(json!({"name": "Renamed"}))),
        ("update_tool", Some(json!({"category": "write"}))),
        ("update_policy", Some(json!({"document": {"version": "1", "default": "allow"}}))),
        ("rollback_policy", Some(json!({"version": 1}))),
        ("update_grant", Some(json!({"label": "Renamed"}))),
        ("put_binding", Some(json!({"policy_id": things.policy, "mode": "shadow"}))),
        ("rotate_grant", Some(json!({}))),
        ("delete_binding", None),
        ("revoke_grant", None),
        ("delete_policy", None),
        ("delete_server", None),
        ("remove_member", None),
        ("delete_account", None),
    ]
}

struct Things {
    member: String,
    server: String,
    policy: String,
    grant: String,
}

impl Things {
    async fn new(world: &World, owner: &Caller<'_>) -> Self {
        let member = world.join(owner, "member@x.org", "viewer").await.get("/me").await.expect(StatusCode::OK);
        let server = owner.server().await;
        let policy = owner.policy(&server, &json!({"version": "1", "default": "deny"})).await;
        let grant = owner.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
        Self { member: member["user"]["id"].as_str().expect("an id").to_owned(), server, policy, grant }
    }

    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(3) {
            Some("members") => &self.member,
            Some("servers") => &self.server,
            Some("policies") => &self.policy,
            _ => &self.grant,
        };
        let path = template.strip_prefix("/api/v1").expect("the prefix").replace("{id}", id);
        path.replace("{server_id}", &self.server).replace("{name}", "list_users")
    }
}

struct Operation {
    method: String,
    template: String,
    /// Its part of the document.
    text: Value,
}

impl Operation {
    fn takes_if_match(&self) -> bool {
        let parameters = self.text["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        parameters.iter().any(|parameter| parameter["name"] == "If-Match")
    }
}

fn operations() -> BTreeMap<String, Operation> {
    let document = serde_json::to_value(ostiary_api::openapi()).expect("serialises");
    let paths = document["paths"].as_object().expect("paths").iter();
    let found = paths.flat_map(|(template, item)| {
        item.as_object().expect("operations").iter().map(move |(method, operation)| {
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            (id, Operation { method: method.to_uppercase(), template: template.clone(), text: operation.clone() })
        })
    });
    found.collect()
}

fn tag(answer: &Answer) -> String {
    answer.headers.get("etag").unwrap_or_else(|| panic!("no tag: {answer:?}")).to_str().expect("text").to_owned()
}

#[test]
fn operation_that_changes_an_object_documents_its_preconditions() {
    let operations = operations();
    for (id, operation) in &operations {
        if ENDED_ONLY.contains(&id.as_str()) {
            assert!(!operation.takes_if_match(), "{id} is in the wrong list");
            continue;
        }
        let is_change = matches!(operation.method.as_str(), "PUT" | "PATCH" | "DELETE");
        assert!(!is_change || operation.takes_if_match(), "{id} takes no If-Match");
        if !operation.takes_if_match() {
            continue;
        }
        let responses = &operation.text["responses"];
        let examples = &responses["412"]["content"]["application/problem+json"]["examples"];
        assert!(examples.get("stale_version").is_some(), "{id} has no 412");
        let shown = operations.values().filter(|other| other.template == operation.template && other.method == "GET");
        for other in shown.chain((operation.method != "DELETE" && operation.method != "POST").then_some(operation)) {
            let headers = &other.text["responses"]["200"]["headers"];
            assert!(headers.get("ETag").is_some(), "{} {} has no ETag", other.method, other.template);
        }
    }
}

#[tokio::test]
async fn change_that_starts_from_an_old_version_is_refused_everywhere() {
    let world = World::new().await;
    let owner = world.sign_up("owner@x.org", "Owner").await;
    let things = Things::new(&world, &owner).await;
    let operations = operations();
    let mut tried: Vec<&str> = Vec::new();
    for (id, body) in changes(&things) {
        let operation = &operations[id];
        let (method, path) = (operation.method.as_str(), things.path(&operation.template));
        // Who binds a server sees the grant; who rolls a policy back, the policy.
        let shown = path.split("/bindings").next().and_then(|path| path.strip_suffix("/rollback").or(Some(path)));
        let shown = shown.map(|path| path.strip_suffix("/rotate").unwrap_or(path)).expect("a path");
        let before = owner.get(shown).await;
        let (seen, body) = (tag(&before), body.as_ref());
        for stale in ["\"0\"", "\"ffffffffffffffffffffffffffffffff\"", "W/\"1\"", "nonsense"] {
            owner.send(method, &path, body, Some(stale)).await.expect_problem(412, "stale_version");
        }
        let untouched = owner.get(shown).await;
        assert_eq!((tag(&untouched), untouched.text), (seen.clone(), before.text), "{id} was done all the same");

        let done = owner.send(method, &path, body, Some(&seen)).await;
        assert!(done.status.is_success(), "{id}: {done:?}");
        if let Some(after) = done.headers.get("etag") {
            assert_ne!(after.to_str().expect("text"), seen, "{id} made no other version");
            let again = owner.send(method, &path, body, Some(&seen)).await;
            again.expect_problem(412, "stale_version");
        }
        tried.push(id);
    }
    let takes: Vec<&String> =
        operations.iter().filter(|(_, operation)| operation.takes_if_match()).map(|(id, _)| id).collect();
    tried.sort_unstable();
    assert_eq!(tried, takes, "the table of this test");
}

/// What nobody edits does not make anybody's edit stale.
#[tokio::test]
async fn tool_seen_again_has_the_tag_it_had() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "A").await;
    let server = ada.server().await;
    let path = format!("/servers/{server}/tools/list_users");
    let seen = tag(&ada.get(&path).await);
    world.clock.advance(chrono::TimeDelta::hours(1));
    ada.post(&format!("/servers/{server}/refresh"), &json!({})).await.expect(StatusCode::OK);
    assert_eq!(tag(&ada.get(&path).await), seen);
    let mut changed = super::world::offers(&["create_session", "delete_user"]);
    if let Ok(discovered) = &mut changed {
        let definition = json!({"name": "list_users", "description": "Lists everybody."});
        discovered.tools.push(DiscoveredTool { name: "list_users".to_owned(), definition });
    }
    world.servers.answer(URL, changed);
    ada.post(&format!("/servers/{server}/refresh"), &json!({})).await.expect(StatusCode::OK);
    assert_ne!(tag(&ada.get(&path).await), seen);
}
