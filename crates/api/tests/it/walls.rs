//! Tenants are walls: two accounts with the same names everywhere, and nothing of one in what the other gets.

use std::time::Instant;

use http::StatusCode;
use serde_json::{Value, json};

use super::world::{Caller, PASSWORD, URL, World, decision};

/// Ids of everything that an account has.
struct Things {
    account: String,
    user: String,
    server: String,
    policy: String,
    grant: String,
    token: String,
    api_key: String,
    decision: String,
    event: String,
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

impl Things {
    /// The same in every account, to the letter.
    async fn new(world: &World, owner: &Caller<'_>) -> Self {
        let server = owner.server().await;
        let policy = owner.policy(&server, &json!({"version": "1", "default": "deny"})).await;
        let made = owner.grant(&server, Some(&policy)).await;
        let grant = text(&made["grant"]["id"]);
        let minted = owner.post("/api-keys", &json!({"label": "CI", "role": "admin"})).await;
        let api_key = text(&minted.expect(StatusCode::CREATED)["api_key"]["id"]);
        let record = decision(owner.account_id().await, &server, &grant, "list_users", &world.clock);
        let decision = record.id.to_string();
        world.record(record).await;
        let me = owner.get("/me").await.expect(StatusCode::OK);
        let events = owner.get("/audit-events").await.expect(StatusCode::OK);
        Self {
            account: text(&me["account"]["id"]),
            user: text(&me["user"]["id"]),
            server,
            policy,
            grant,
            token: text(&made["token"]),
            api_key,
            decision,
            event: text(&events["items"][0]["id"]),
        }
    }

    fn ids(&self) -> [&str; 9] {
        [
            &self.account,
            &self.user,
            &self.server,
            &self.policy,
            &self.grant,
            &self.token,
            &self.api_key,
            &self.decision,
            &self.event,
        ]
    }

    #[track_caller]
    fn assert_absent(&self, place: &str, text: &str) {
        for id in self.ids() {
            assert!(!text.contains(id), "{place} has {id}");
        }
        assert!(!text.contains("theirs@x.org"), "{place} has their address");
    }
}

/// Every path of the document that reads, filled with ids.
fn readings(things: &Things) -> Vec<String> {
    let document = serde_json::to_value(ostiary_api::openapi()).expect("serialises");
    let paths = document["paths"].as_object().expect("paths");
    let gets = paths.iter().filter(|(_, item)| item.get("get").is_some()).map(|(path, _)| path);
    gets.map(|path| fill(path, things)).collect()
}

fn fill(template: &str, things: &Things) -> String {
    let id = match template.split('/').nth(3) {
        Some("servers") => &things.server,
        Some("policies") => &things.policy,
        Some("grants") => &things.grant,
        Some("api-keys") => &things.api_key,
        Some("decisions") => &things.decision,
        _ => &things.user,
    };
    let path = template.strip_prefix("/api/v1").expect("the prefix").replace("{id}", id);
    path.replace("{server_id}", &things.server).replace("{name}", "list_users").replace("{number}", "1")
}

async fn accounts(world: &World) -> (Caller<'_>, Things, Caller<'_>, Things) {
    let mine = world.sign_up("mine@x.org", "Same").await;
    let theirs = world.sign_up("theirs@x.org", "Same").await;
    let (my_things, their_things) = (Things::new(world, &mine).await, Things::new(world, &theirs).await);
    (mine, my_things, theirs, their_things)
}

#[tokio::test]
async fn answers_hold_nothing_of_another_account() {
    let world = World::new().await;
    let (mine, my_things, _theirs, their_things) = accounts(&world).await;
    let mut seen = 0;
    for path in readings(&my_things) {
        if path.ends_with("/stream") {
            continue;
        }
        let path = if path.ends_with("/diff") { format!("{path}?against=1") } else { path };
        let answer = mine.get(&path).await;
        their_things.assert_absent(&path, &answer.text);
        seen += usize::from(answer.status == StatusCode::OK);
    }
    assert!(seen >= 15, "only {seen} were answered");
    for path in
        ["/decisions/export?format=csv", "/audit-events/export?format=csv", "/servers?limit=1", "/grants?limit=1"]
    {
        their_things.assert_absent(path, &mine.get(path).await.text);
    }
}

#[tokio::test]
async fn ids_of_another_account_are_not_found_in_any_parameter() {
    let world = World::new().await;
    let (mine, my_things, theirs, their_things) = accounts(&world).await;
    // In the path.
    for path in readings(&their_things).into_iter().filter(|path| their_things.ids().iter().any(|id| path.contains(id)))
    {
        let path = if path.ends_with("/diff") { format!("{path}?against=1") } else { path };
        let answer = mine.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        their_things.assert_absent("a problem", &answer.text.replace(&path, ""));
    }
    // In the query: a filter of what is not there finds nothing.
    let queries = [
        format!("/decisions?server_id={}", their_things.server),
        format!("/decisions?grant_id={}", their_things.grant),
        format!("/decisions?policy_id={}", their_things.policy),
        format!("/audit-events?object_id={}", their_things.server),
        format!("/audit-events?actor_id={}", their_things.user),
        format!("/policies?server_id={}", their_things.server),
    ];
    for query in queries {
        let answer = mine.get(&query).await;
        if answer.status == StatusCode::OK {
            assert_eq!(answer.body["items"], json!([]), "{query}");
        } else {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        }
    }
    // In the body.
    let (server, policy) = (&their_things.server, &their_things.policy);
    let document = json!({"version": "1", "default": "allow"});
    let bodies = [
        ("/policies", json!({"server_id": server, "name": "x", "document": document}), "/server_id"),
        ("/grants", json!({"label": "x", "bindings": [{"server_id": server}]}), "/bindings/0/server_id"),
        (
            "/grants",
            json!({"label": "x", "bindings": [{"server_id": my_things.server, "policy_id": policy}]}),
            "/bindings/0/policy_id",
        ),
    ];
    for (path, body, pointer) in bodies {
        mine.post(path, &body).await.expect_errors(&[(pointer, "not_found")]);
    }
    for body in [json!({"server_id": server, "document": document}), json!({"document": document, "server_id": server})]
    {
        for path in ["/policies/simulate", "/policies/validate"] {
            let answer = mine.post(path, &body).await;
            assert!(answer.status.is_client_error(), "{path} {}", answer.text);
            their_things.assert_absent(path, &answer.text.replace(server.as_str(), ""));
        }
    }
    let binding = format!("/grants/{}/bindings/{}", my_things.grant, my_things.server);
    let answer = mine.send("PUT", &binding, Some(&json!({"policy_id": policy})), None).await;
    answer.expect_errors(&[("/policy_id", "not_found")]);
    let strange = format!("/grants/{}/bindings/{server}", my_things.grant);
    mine.send("PUT", &strange, Some(&json!({})), None).await.expect_problem(404, "not_found");
    mine.delete(&strange).await.expect_problem(404, "not_found");
    // All of theirs is as it was.
    let bound = theirs.get(&format!("/grants/{}", their_things.grant)).await.expect(StatusCode::OK);
    assert_eq!(bound["bindings"][0]["policy_id"], their_things.policy.as_str());
}

/// A cursor says where one list goes on; in another account's list it leads to nothing of either.
#[tokio::test]
async fn cursor_of_another_account_opens_nothing() {
    let world = World::new().await;
    let (mine, _, theirs, their_things) = accounts(&world).await;
    theirs.post("/servers", &json!({"name": "Two", "url": URL})).await.expect(StatusCode::CREATED);
    for list in ["/servers", "/audit-events"] {
        let page = theirs.get(&format!("{list}?limit=1")).await.expect(StatusCode::OK);
        let cursor = text(&page["next_cursor"]);
        let answer = mine.get(&format!("{list}?cursor={cursor}")).await;
        their_things.assert_absent(list, &answer.text);
    }
}

/// What the other has neither stands in the way of a name nor is to be counted.
#[tokio::test]
async fn names_numbers_and_limits_are_of_one_account() {
    let world = World::new().await;
    let (mine, _, theirs, _) = accounts(&world).await;
    let (one, other) = (mine.get("/servers").await, theirs.get("/servers").await);
    assert_eq!(one.body["items"][0]["slug"], other.body["items"][0]["slug"], "both may have the same slug");
    let number = |answer: &Value| answer["items"][0]["number"].as_i64().expect("a number");
    let before = number(&mine.get("/audit-events").await.expect(StatusCode::OK));
    theirs.patch("/account", &json!({"name": "Busy"})).await.expect(StatusCode::OK);
    assert_eq!(number(&mine.get("/audit-events").await.expect(StatusCode::OK)), before);
    let first = mine.get("/me").await.headers["ratelimit"].clone();
    for _ in 0..20 {
        theirs.get("/me").await.expect(StatusCode::OK);
    }
    let remaining = |value: &http::HeaderValue| {
        let text = value.to_str().expect("text");
        text.split("r=").nth(1).and_then(|rest| rest.split(';').next()).expect("r").parse::<i64>().expect("a number")
    };
    let second = mine.get("/me").await.headers["ratelimit"].clone();
    assert_eq!(remaining(&first) - remaining(&second), 1);
}

/// An object of somebody else is refused the way one that was never there is: same answer, same work.
#[tokio::test]
async fn object_of_another_account_is_told_from_none_by_nothing() {
    let world = World::new().await;
    let (mine, _, _, their_things) = accounts(&world).await;
    let theirs = format!("/servers/{}", their_things.server);
    let none = format!("/servers/{}", ostiary_model::ServerId::generate());
    let (a, b) = (mine.get(&theirs).await, mine.get(&none).await);
    assert_eq!((a.status, &a.body["code"], &a.body["detail"]), (b.status, &b.body["code"], &b.body["detail"]));
    let mut fastest = [u128::MAX; 2];
    for _ in 0..60 {
        for (index, path) in [&theirs, &none].into_iter().enumerate() {
            let started = Instant::now();
            mine.get(path).await.expect_problem(404, "not_found");
            fastest[index] = fastest[index].min(started.elapsed().as_micros());
        }
    }
    // One reading each: neither takes a step more than the other. The bound is wide, for busy machines.
    let [theirs, none] = fastest;
    assert!(theirs < none * 4 + 2_000 && none < theirs * 4 + 2_000, "{theirs} {none}");
}

/// Whether an address is known is not to be learnt by signing in.
#[tokio::test]
async fn address_that_nobody_has_is_refused_like_a_wrong_password() {
    let world = World::new().await;
    world.sign_up("mine@x.org", "Same").await;
    let wrong = json!({"email": "mine@x.org", "password": "not the password"});
    let unknown = json!({"email": "unknown@x.org", "password": PASSWORD});
    let (a, b) =
        (world.nobody().post("/auth/sign-in", &wrong).await, world.nobody().post("/auth/sign-in", &unknown).await);
    assert_eq!((a.status, a.body["code"].clone(), a.text.len()), (b.status, b.body["code"].clone(), b.text.len()));
}
