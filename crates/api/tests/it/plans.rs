//! Plans: who changes them, what they refuse, and what is used of them.

use std::sync::Arc;

use chrono::TimeDelta;
use http::StatusCode;
use ostiary_api::ops::retention;
use ostiary_model::decision::{Ending, EndingResult, Outcome};
use ostiary_model::{Plan, PlanLimits, PlanName, Plans};
use ostiary_storage::{DecisionLog as _, LogBatch};
use serde_json::{Value, json};

use super::world::{PASSWORD, URL, World, decision};

fn plan(name: &str, limits: PlanLimits, is_self_service: bool) -> Plan {
    Plan { name: PlanName::parse(name).expect("a name"), limits, is_self_service }
}

/// New accounts are on `small`; owners may choose `team`, and only the operator `large`.
async fn world() -> World {
    let small = PlanLimits {
        servers: Some(1),
        grants: Some(2),
        members: Some(2),
        calls_a_month: Some(100),
        calls_at_once: Some(5),
        retention_days: Some(7),
    };
    let team = PlanLimits { servers: Some(3), retention_days: Some(30), ..PlanLimits::default() };
    let all = [plan("small", small, true), plan("team", team, true), plan("large", PlanLimits::default(), false)];
    let plans = Plans::new(all, &PlanName::parse("small").expect("a name")).expect("plans");
    World::with(|settings| {
        settings.plans = Arc::new(plans);
        settings.retention_days = Some(20);
    })
    .await
}

fn refusal(problem: &Value) -> &str {
    problem["detail"].as_str().expect("a detail")
}

#[tokio::test]
async fn plan_is_changed_by_owners_among_those_on_offer() {
    let world = world().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    assert_eq!(ada.get("/account").await.expect(StatusCode::OK)["plan"], "small");
    let grace = world.join(&ada, "grace@x.org", "admin").await;
    grace.patch("/account", &json!({"plan": "team"})).await.expect_problem(403, "forbidden");
    grace.patch("/account", &json!({"name": "Acme 2"})).await.expect(StatusCode::OK);
    for wrong in ["large", "nothing"] {
        ada.patch("/account", &json!({"plan": wrong})).await.expect_errors(&[("/plan", "not_offered")]);
    }
    ada.patch("/account", &json!({"plan": "A B"})).await.expect_errors(&[("/plan", "invalid")]);

    let before = world.advances();
    let account = ada.patch("/account", &json!({"plan": "team", "name": "Acme 3"})).await.expect(StatusCode::OK);
    assert_eq!((&account["plan"], &account["name"]), (&json!("team"), &json!("Acme 3")));
    assert!(world.advances() > before, "calls are decided by the new plan from now on");
    let events = ada.get("/audit-events?limit=2").await.expect(StatusCode::OK);
    assert_eq!(events["items"][0]["action"], "account_plan_changed");
    assert_eq!(events["items"][0]["before"]["plan"], "small");
    assert_eq!(events["items"][0]["after"]["plan"], "team");
    assert_eq!(events["items"][1]["action"], "account_updated");
    // The same again changes nothing.
    ada.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    let events = ada.get("/audit-events?limit=1").await.expect(StatusCode::OK);
    assert_eq!(events["items"][0]["action"], "account_plan_changed");
}

#[tokio::test]
async fn plan_refuses_what_is_beyond_it_and_takes_nothing_away() {
    let world = world().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    ada.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    let server = ada.server().await;
    ada.post("/servers", &json!({"name": "Two", "url": URL})).await.expect(StatusCode::CREATED);
    ada.patch("/account", &json!({"plan": "small"})).await.expect(StatusCode::OK);
    assert_eq!(ada.get("/servers").await.expect(StatusCode::OK)["items"].as_array().map(Vec::len), Some(2));
    let refused = ada.post("/servers", &json!({"name": "Three", "url": URL})).await;
    let problem = refused.expect_problem(409, "plan_limit_reached");
    assert!(refusal(&problem).starts_with("The plan `small` of this account allows 1 server: "), "{problem}");

    let first = ada.grant(&server, None).await["grant"]["id"].clone();
    ada.grant(&server, None).await;
    let body = json!({"label": "third", "bindings": [{"server_id": server}]});
    ada.post("/grants", &body).await.expect_problem(409, "plan_limit_reached");
    // One that is revoked makes room.
    ada.delete(&format!("/grants/{}", first.as_str().expect("an id"))).await;
    ada.post("/grants", &body).await.expect(StatusCode::CREATED);
    ada.post("/grants", &body).await.expect_problem(409, "plan_limit_reached");
    // Another account has a plan of its own.
    let lin = world.sign_up("lin@x.org", "Acme").await;
    let theirs = lin.server().await;
    lin.grant(&theirs, None).await;
}

#[tokio::test]
async fn plan_counts_members_with_those_invited() {
    let world = world().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let invite = |email: &'static str| json!({"email": email, "role": "viewer"});
    ada.post("/invitations", &invite("grace@x.org")).await.expect(StatusCode::CREATED);
    // A second to the same address replaces the first.
    ada.post("/invitations", &invite("grace@x.org")).await.expect(StatusCode::CREATED);
    ada.post("/invitations", &invite("lin@x.org")).await.expect_problem(409, "plan_limit_reached");
    let token = world.outbox.token("grace@x.org", "accept").await;
    let accept = |token: &str| json!({"token": token, "password": PASSWORD});
    world.nobody().post("/invitations/accept", &accept(&token)).await.expect(StatusCode::OK);
    ada.post("/invitations", &invite("lin@x.org")).await.expect_problem(409, "plan_limit_reached");

    // Invited under a larger plan: accepting is what counts.
    ada.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    ada.post("/invitations", &invite("lin@x.org")).await.expect(StatusCode::CREATED);
    let token = world.outbox.token("lin@x.org", "accept").await;
    ada.patch("/account", &json!({"plan": "small"})).await.expect(StatusCode::OK);
    let refused = world.nobody().post("/invitations/accept", &accept(&token)).await;
    refused.expect_problem(409, "plan_limit_reached");
    let lin = world.sign_up("lin@x.org", "Own").await;
    lin.post("/invitations/accept", &json!({"token": token})).await.expect_problem(409, "plan_limit_reached");
    ada.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    lin.post("/invitations/accept", &json!({"token": token})).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn grants_minted_at_the_same_time_stay_within_the_plan() {
    let world = world().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let server = ada.server().await;
    let body = json!({"label": "one", "bindings": [{"server_id": server}]});
    let minted = futures_util::future::join_all((0..8).map(|_| ada.post("/grants", &body))).await;
    assert_eq!(minted.iter().filter(|answer| answer.status == StatusCode::CREATED).count(), 2);
    assert_eq!(ada.get("/grants").await.expect(StatusCode::OK)["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn usage_says_what_is_used_of_each_limit_and_what_was_done() {
    let world = world().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    ada.post("/invitations", &json!({"email": "grace@x.org", "role": "viewer"})).await.expect(StatusCode::CREATED);
    let lost = Ending { result: EndingResult::Unreachable, upstream_status: None, bytes_out: 0, upstream_ms: 3 };
    for (outcome, ending) in [
        (Outcome::Allowed, None),
        (Outcome::Denied, None),
        (Outcome::ShadowDenied, None),
        (Outcome::Allowed, Some(lost)),
    ] {
        let mut record = decision(account_id, &server, &grant, "tool", &world.clock);
        (record.outcome, record.bytes_in) = (outcome, 10);
        let endings = ending.map(|ending| (account_id, record.id, ending)).into_iter().collect();
        let batch = LogBatch { decisions: vec![record], endings, slots: Vec::new() };
        world.store.commit(&batch).await.expect("recorded");
    }
    let usage = ada.get("/usage").await.expect(StatusCode::OK);
    assert_eq!(usage["plan"], "small");
    let limits = [
        ("servers", json!({"used": 1, "max": 1})),
        ("grants", json!({"used": 1, "max": 2})),
        ("members", json!({"used": 2, "max": 2})),
        ("calls_a_month", json!({"used": 2, "max": 100})),
        ("calls_at_once", json!({"used": null, "max": 5})),
        ("retention_days", json!({"used": null, "max": 7})),
    ];
    for (name, expected) in limits {
        assert_eq!(usage["limits"][name], expected, "{name}");
    }
    let sums = json!({
        "allowed": 2, "denied": 1, "held": 0, "shadow_denied": 1, "allowed_unmetered": 0, "bytes_in": 40, "bytes_out": 0,
    });
    assert_eq!(usage["month"], sums);
    let day = usage["days"][0].clone();
    assert_eq!((usage["days"].as_array().map(Vec::len), &day["allowed"]), (Some(1), &json!(2)));
    assert_eq!(day["date"], world.clock_date());
    let offers: Vec<&Value> = usage["offers"].as_array().expect("offers").iter().map(|offer| &offer["name"]).collect();
    assert_eq!(offers, ["small", "team"]);
    world.in_flight.set(account_id, 3);
    let usage = ada.get("/usage").await.expect(StatusCode::OK);
    assert_eq!(usage["limits"]["calls_at_once"], json!({"used": 3, "max": 5}));
    // The installation keeps less than `team` would.
    ada.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    let usage = ada.get("/usage").await.expect(StatusCode::OK);
    assert_eq!(
        usage["limits"]["calls_at_once"],
        json!({"used": null, "max": null}),
        "nobody counts what is not limited"
    );
    assert_eq!(usage["limits"]["retention_days"]["max"], 20);
    assert_eq!(usage["limits"]["calls_a_month"], json!({"used": 2, "max": null}));
    // A new month begins with nothing.
    world.clock.advance(TimeDelta::days(31));
    let ada = world.nobody().post("/auth/sign-in", &json!({"email": "ada@x.org", "password": PASSWORD})).await;
    let usage = world.with_cookie(&ada.cookie()).get("/usage").await.expect(StatusCode::OK);
    assert_eq!((&usage["limits"]["calls_a_month"]["used"], &usage["days"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn usage_of_another_account_is_not_seen() {
    let world = world().await;
    let (ada, lin) = (world.sign_up("ada@x.org", "Acme").await, world.sign_up("lin@x.org", "Acme").await);
    let before = lin.get("/usage").await.expect(StatusCode::OK);
    let (server, account_id) = (ada.server().await, ada.account_id().await);
    let grant = ada.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
    world.in_flight.set(account_id, 3);
    world.record(decision(account_id, &server, &grant, "tool", &world.clock)).await;
    assert_eq!(lin.get("/usage").await.expect(StatusCode::OK), before);
    let viewer = world.with_key(&ada.key("viewer").await);
    assert_eq!(viewer.get("/usage").await.expect(StatusCode::OK)["month"]["allowed"], 1);
}

#[tokio::test]
async fn decisions_are_kept_as_long_as_the_plan_of_their_account_says() {
    let world = world().await;
    let (ada, lin) = (world.sign_up("ada@x.org", "Acme").await, world.sign_up("lin@x.org", "Acme").await);
    lin.patch("/account", &json!({"plan": "team"})).await.expect(StatusCode::OK);
    let mut ids = Vec::new();
    for caller in [&ada, &lin] {
        let (server, account_id) = (caller.server().await, caller.account_id().await);
        let grant = caller.grant(&server, None).await["grant"]["id"].as_str().expect("an id").to_owned();
        ids.push((account_id, server, grant));
    }
    for days in [10, 6] {
        for (account_id, server, grant) in &ids {
            let mut record = decision(*account_id, server, grant, "tool", &world.clock);
            record.time -= TimeDelta::days(days);
            world.record(record).await;
        }
    }
    assert_eq!(retention::round(&world.state).await.expect("a round"), 1);
    assert_eq!(retention::round(&world.state).await.expect("a round"), 0);
    for (caller, left) in [(&ada, 1), (&lin, 2)] {
        let found = caller.get("/decisions").await.expect(StatusCode::OK);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(left));
    }
}
