//! Policies, their versions, and trying them.

use http::StatusCode;
use ostiary_model::Clock;
use ostiary_model::decision::Outcome;
use serde_json::{Value, json};

use super::world::{World, decision};

fn ten_a_minute() -> Value {
    let limit = json!({"counter": "create_session_rate", "window": "minute", "max": 10, "scope": "grant"});
    json!({"version": "1", "default": "deny", "tools": {"create_session": {"limits": [limit]}}})
}

#[tokio::test]
async fn policy_is_edited_by_who_saw_its_newest_version() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let path = format!("/policies/{}", ada.policy(&server, &ten_a_minute()).await);
    let policy = ada.get(&path).await;
    assert_eq!(policy.headers["etag"], "\"1\"");
    let policy = policy.expect(StatusCode::OK);
    assert_eq!((&policy["document"], &policy["server_slug"]), (&ten_a_minute(), &json!("demo")));
    let before = world.advances();

    let text = "{\n  \"version\": \"1\",\n  \"default\": \"allow\"\n}";
    let edit = json!({"document": text, "name": "Second"});
    ada.send("PUT", &path, Some(&edit), None).await.expect_problem(428, "precondition_required");
    ada.send("PUT", &path, Some(&edit), Some("\"7\"")).await.expect_problem(412, "stale_version");
    assert_eq!(world.advances(), before);
    let policy = ada.send("PUT", &path, Some(&edit), Some("\"1\"")).await.expect(StatusCode::OK);
    assert_eq!((&policy["version"], &policy["text"], &policy["name"]), (&json!(2), &json!(text), &json!("Second")));
    assert_eq!(world.advances(), before + 1);
}

#[tokio::test]
async fn policy_with_errors_is_not_saved_and_says_where_they_are() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let document = json!({"version": "1", "default": "maybe", "tools": {"a/b": {"actoin": "deny"}}});
    let body = json!({"server_id": server, "name": "P", "document": document});
    let problem = ada.post("/policies", &body).await.expect_problem(422, "invalid_policy");
    let pointers: Vec<_> =
        problem["errors"].as_array().expect("errors").iter().map(|error| &error["pointer"]).collect();
    assert!(pointers.contains(&&json!("/document/default")), "{pointers:?}");
    assert!(pointers.contains(&&json!("/document/tools/a~1b/actoin")), "{pointers:?}");
    // A member that is there twice reaches the policy language as it was sent.
    let twice = format!(
        r#"{{"server_id":"{server}","name":"P","document":{{"version":"1","default":"deny","default":"allow"}}}}"#
    );
    let request = ada.request("POST", "/policies").header("content-type", "application/json");
    world.send(request.body(twice.into()).expect("a request")).await.expect_problem(422, "invalid_policy");
    assert_eq!(ada.get("/policies").await.expect(StatusCode::OK)["items"], json!([]));
}

#[tokio::test]
async fn policy_names_are_unique_on_a_server() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    ada.policy(&server, &ten_a_minute()).await;
    let body = json!({"server_id": server, "name": "First", "document": ten_a_minute()});
    ada.post("/policies", &body).await.expect_problem(409, "policy_name_taken");
}

#[tokio::test]
async fn policy_in_use_is_not_removed() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let policy = ada.policy(&server, &ten_a_minute()).await;
    let grant = ada.grant(&server, Some(&policy)).await["grant"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/policies/{policy}");
    assert_eq!(ada.get(&path).await.expect(StatusCode::OK)["bound_grants"], 1);
    ada.delete(&path).await.expect_problem(409, "policy_in_use");
    ada.delete(&format!("/grants/{grant}/bindings/{server}")).await.expect(StatusCode::NO_CONTENT);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    ada.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn rollback_saves_an_earlier_document_as_a_new_version() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let path = format!("/policies/{}", ada.policy(&server, &ten_a_minute()).await);
    let edit = json!({"document": {"version": "1", "default": "allow"}});
    ada.send("PUT", &path, Some(&edit), Some("\"1\"")).await.expect(StatusCode::OK);
    let rollback = format!("{path}/rollback");
    let body = json!({"version": 1});
    ada.send("POST", &rollback, Some(&body), None).await.expect_problem(428, "precondition_required");
    ada.send("POST", &rollback, Some(&json!({"version": 9})), Some("\"2\""))
        .await
        .expect_errors(&[("/version", "not_found")]);
    let policy = ada.send("POST", &rollback, Some(&body), Some("\"2\"")).await.expect(StatusCode::OK);
    assert_eq!((&policy["version"], &policy["document"]), (&json!(3), &ten_a_minute()));

    let versions = ada.get(&format!("{path}/versions")).await.expect(StatusCode::OK);
    let numbers: Vec<_> =
        versions["items"].as_array().expect("items").iter().map(|version| &version["number"]).collect();
    assert_eq!(numbers, [3, 2, 1]);
    assert_eq!(versions["items"][0]["rolled_back_to"], 1);
    assert_eq!(ada.get(&format!("{path}/versions/2")).await.expect(StatusCode::OK)["document"]["default"], "allow");
    ada.get(&format!("{path}/versions/4")).await.expect_problem(404, "not_found");
    let diff = ada.get(&format!("{path}/versions/2/diff?against=1")).await.expect(StatusCode::OK);
    assert_eq!(diff["changes"][0], json!({"op": "changed", "pointer": "/default", "from": "deny", "to": "allow"}));
    assert_eq!((&diff["changes"][1]["op"], &diff["changes"][1]["pointer"]), (&json!("removed"), &json!("/tools")));
}

#[tokio::test]
async fn validate_tells_errors_with_their_place_and_warnings_about_the_inventory() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let body = json!({"document": "{\n \"version\": \"1\",\n \"default\": 1 }"});
    let remarks = ada.post("/policies/validate", &body).await.expect(StatusCode::OK);
    assert_eq!((&remarks["valid"], &remarks["errors"][0]["line"]), (&json!(false), &json!(3)));
    let document = json!({"version": "1", "default": "deny", "tools": {"create_sesion": {}}});
    let body = json!({"document": document, "server_id": server});
    let remarks = ada.post("/policies/validate", &body).await.expect(StatusCode::OK);
    assert_eq!(remarks["valid"], true);
    assert_eq!(remarks["warnings"][0]["severity"], "warning");
    assert_eq!(remarks["warnings"][0]["pointer"], "/tools/create_sesion");
}

#[tokio::test]
async fn simulate_decides_calls_one_after_the_other() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let policy = ada.policy(&server, &ten_a_minute()).await;
    let call = json!({"tool": "create_session", "arguments": {}, "at": "2026-11-20T10:00:00Z"});
    let mut calls = vec![call; 11];
    calls.push(json!({"tool": "list_users"}));
    let body = json!({"server_id": server, "policy_id": policy, "calls": calls});
    let simulation = ada.post("/policies/simulate", &body).await.expect(StatusCode::OK);
    let results = simulation["results"].as_array().expect("results");
    assert!(results[..10].iter().all(|result| result["outcome"] == "allowed"), "{results:?}");
    assert_eq!(results[10]["code"], "limit_exceeded");
    assert_eq!(results[10]["rule"], "/tools/create_session/limits/0");
    assert_eq!(results[10]["retry_after_ms"], 60_000);
    assert_eq!(results[11]["code"], "default_deny");
    assert!(!results[11]["steps"].as_array().expect("steps").is_empty());
    assert_eq!(simulation["summary"], json!(null));
    let both =
        json!({"server_id": server, "policy_id": policy, "document": {}, "calls": [{"tool": "a", "prompt": "b"}]});
    ada.post("/policies/simulate", &both)
        .await
        .expect_errors(&[("/document", "invalid"), ("/calls/0/tool", "invalid")]);
}

#[tokio::test]
async fn simulate_on_the_past_counts_what_changes_and_what_nobody_can_tell() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let since = world.clock.now();
    for (tool, names) in [
        ("create_session", &["amount"][..]),
        ("create_session", &[]),
        ("list_users", &["page"]),
        ("delete_user", &["id"]),
    ] {
        let mut record = decision(account_id, &server, &grant, tool, &world.clock);
        record.argument_names = names.iter().map(|name| (*name).to_owned()).collect();
        record.outcome = if tool == "delete_user" { Outcome::Denied } else { Outcome::Allowed };
        world.record(record).await;
    }
    let until = since + chrono::TimeDelta::hours(1);
    let deny_if = json!([{"conditions": [{"path": "args.amount", "op": "gt", "value": 5}]}]);
    let tools = json!({"create_session": {"deny_if": deny_if}, "list_users": {"action": "deny"}});
    let document = json!({"version": "1", "default": "deny", "tools": tools});
    let validation = ada.post("/policies/validate", &json!({"document": document})).await.expect(StatusCode::OK);
    assert_eq!(validation["valid"], true, "{validation}");
    let period = json!({"since": since - chrono::TimeDelta::seconds(1), "until": until});
    let body = json!({"server_id": server, "document": document, "decisions": period});
    let summary = ada.post("/policies/simulate", &body).await.expect(StatusCode::OK)["summary"].take();
    assert_eq!(
        (&summary["total"], &summary["undecidable"], &summary["truncated"]),
        (&json!(4), &json!(1), &json!(false))
    );
    let by = summary["by"].as_array().expect("groups");
    let denied = by.iter().find(|group| group["rule"] == "/tools/list_users/action").expect("the denied tool");
    assert_eq!((&denied["from"], &denied["to"], &denied["count"]), (&json!("allowed"), &json!("denied"), &json!(1)));
}

#[tokio::test]
async fn simulate_in_shadow_mode_charges_what_enforcing_would_have_charged() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let limits = json!([{"counter": "calls", "window": "minute", "max": 1}]);
    let document = json!({"version": "1", "default": "allow", "all_tools": {"limits": limits}});
    let call = |at: &str| json!({"tool": "list_users", "mode": "shadow", "at": format!("2026-11-20T10:{at}Z")});
    let body = json!({"server_id": server, "document": document,
        "calls": [call("00:00"), call("00:30"), call("01:05")]});
    let simulation = ada.post("/policies/simulate", &body).await.expect(StatusCode::OK);
    let results = simulation["results"].as_array().expect("results").iter();
    let outcomes: Vec<_> = results.map(|result| result["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(outcomes, ["allowed", "shadow_denied", "allowed"]);
}

#[tokio::test]
async fn simulate_on_the_past_guesses_nothing() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    let since = world.clock.now();
    for (tool, names) in [("create_session", &["amount"][..]), ("list_users", &[]), ("list_users", &[])] {
        let mut record = decision(account_id, &server, &grant, tool, &world.clock);
        record.argument_names = names.iter().map(|name| (*name).to_owned()).collect();
        world.record(record).await;
    }
    let mut record = decision(account_id, &server, &grant, "delete_user", &world.clock);
    (record.outcome, record.code) = (Outcome::Denied, Some("ambiguous_arguments".to_owned()));
    world.record(record).await;
    let until = since + chrono::TimeDelta::hours(1);
    let period = json!({"since": since - chrono::TimeDelta::seconds(1), "until": until});
    let counts = async |document: serde_json::Value| {
        let body = json!({"server_id": server, "document": document, "decisions": period});
        let summary = ada.post("/policies/simulate", &body).await.expect(StatusCode::OK)["summary"].take();
        (summary["changed"].as_u64().expect("a number"), summary["undecidable"].as_u64().expect("a number"))
    };
    let open = json!({"version": "1", "default": "allow"});
    assert_eq!(counts(open).await, (0, 0), "ambiguous arguments are denied by every policy");
    let checked = json!({"version": "1", "default": "allow", "validate_arguments": true});
    assert_eq!(counts(checked).await, (0, 1), "arguments that are not kept cannot be validated");
    let unchecked = json!({"version": "1", "default": "allow", "validate_arguments": true,
        "tools": {"*": {"validate_arguments": false}}});
    assert_eq!(counts(unchecked).await, (0, 0), "nor need they, where it is switched off");

    let limited = |max: u32| {
        let deny_if = json!([{"conditions": [{"path": "args.amount", "op": "gt", "value": 5}]}]);
        let limits = json!([{"counter": "calls", "window": "day", "max": max}]);
        json!({"version": "1", "default": "allow", "all_tools": {"limits": limits},
            "tools": {"create_session": {"deny_if": deny_if}}})
    };
    assert_eq!(counts(limited(3)).await, (0, 1), "all fit, whether the undecidable call was charged or not");
    assert_eq!(counts(limited(2)).await, (0, 2), "the last fits only if it was not");
    assert_eq!(counts(limited(1)).await, (0, 3), "whether one fits depends on whether the one before was charged");
}

#[tokio::test]
async fn policy_of_nothing_but_revoked_grants_can_be_deleted() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    let server = ada.server().await;
    let policy = ada.policy(&server, &ten_a_minute()).await;
    let grant = ada.grant(&server, Some(&policy)).await["grant"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/policies/{policy}");
    ada.delete(&path).await.expect_problem(409, "policy_in_use");
    ada.delete(&format!("/grants/{grant}")).await.expect(StatusCode::NO_CONTENT);
    ada.delete(&path).await.expect(StatusCode::NO_CONTENT);
    let grant = ada.get(&format!("/grants/{grant}")).await.expect(StatusCode::OK);
    assert_eq!((&grant["status"], &grant["bindings"][0]["policy_id"]), (&json!("revoked"), &json!(null)));
}
