//! Members, invitations, and accounts that change hands or go.

use chrono::TimeDelta;
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::world::{PASSWORD, World};

fn token_of(link: &Value) -> String {
    link.as_str().expect("a link").split_once('#').expect("a token").1.to_owned()
}

#[tokio::test]
async fn invitation_without_a_mail_server_shows_its_link_once() {
    let world = World::without_mail().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let body = json!({"email": "Grace@x.org", "role": "policy_manager"});
    let invited = ada.post("/invitations", &body).await.expect(StatusCode::CREATED);
    let token = token_of(&invited["link"]);
    assert!(invited["link"].as_str().expect("a link").starts_with("http://127.0.0.1:8080/accept#ost_invite_"));
    let listed = ada.get("/invitations").await;
    assert!(!listed.text.contains(&token));
    assert_eq!(listed.expect(StatusCode::OK)["items"][0]["email"], "grace@x.org");
    let seen = world.nobody().post("/invitations/inspect", &json!({"token": token})).await.expect(StatusCode::OK);
    assert_eq!((&seen["account_name"], &seen["has_user"]), (&json!("Acme"), &json!(false)));

    let body = json!({"token": token, "password": PASSWORD});
    let accepted = world.nobody().post("/invitations/accept", &body).await;
    let grace = world.with_cookie(&accepted.cookie());
    let me = accepted.expect(StatusCode::OK);
    assert_eq!((&me["role"], &me["account"]["slug"]), (&json!("policy_manager"), &json!("acme")));
    // The inviter had the link: it proves nothing about the address.
    assert_eq!(me["user"]["is_email_verified"], false);
    assert_eq!(grace.get("/me").await.expect(StatusCode::OK)["user"]["email"], "grace@x.org");
    assert_eq!(ada.get("/invitations").await.expect(StatusCode::OK)["items"], json!([]));
    world.nobody().post("/invitations/accept", &body).await.expect_errors(&[("/token", "link_not_valid")]);
}

#[tokio::test]
async fn invitation_with_a_mail_server_is_mailed_and_never_shown() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let body = json!({"email": "grace@x.org", "role": "viewer"});
    let answer = ada.post("/invitations", &body).await;
    assert!(!answer.text.contains("ost_invite_"));
    assert_eq!(answer.expect(StatusCode::CREATED)["link"], json!(null));
    let old = world.outbox.token("grace@x.org", "accept").await;
    ada.post("/invitations", &body).await.expect(StatusCode::CREATED);
    let new = world.outbox.token("grace@x.org", "accept").await;
    let accept = |token: &str| json!({"token": token, "password": PASSWORD});
    let replaced = world.nobody().post("/invitations/accept", &accept(&old)).await;
    replaced.expect_errors(&[("/token", "link_not_valid")]);
    let me = world.nobody().post("/invitations/accept", &accept(&new)).await.expect(StatusCode::OK);
    assert_eq!(me["user"]["is_email_verified"], true);

    world.outbox.fail();
    let body = json!({"email": "lin@x.org", "role": "viewer"});
    ada.post("/invitations", &body).await.expect_problem(502, "mail_not_sent");
}

#[tokio::test]
async fn invitation_expired_or_withdrawn_opens_nothing() {
    let world = World::without_mail().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let mut tokens = Vec::new();
    for email in ["a@y.org", "b@y.org"] {
        let body = json!({"email": email, "role": "viewer"});
        let invited = ada.post("/invitations", &body).await.expect(StatusCode::CREATED);
        tokens.push((token_of(&invited["link"]), invited["invitation"]["id"].as_str().expect("an id").to_owned()));
    }
    let refused = [("/token", "link_not_valid")];
    ada.delete(&format!("/invitations/{}", tokens[0].1)).await.expect(StatusCode::NO_CONTENT);
    let inspect = |index: usize| json!({"token": tokens[index].0});
    world.nobody().post("/invitations/inspect", &inspect(0)).await.expect_errors(&refused);
    world.nobody().post("/invitations/inspect", &inspect(1)).await.expect(StatusCode::OK);
    world.clock.advance(TimeDelta::days(7));
    world.nobody().post("/invitations/inspect", &inspect(1)).await.expect_errors(&refused);
    world.nobody().post("/invitations/inspect", &json!({"token": "ost_invite_x"})).await.expect_errors(&refused);
}

#[tokio::test]
async fn invitation_is_accepted_by_whom_it_is_for() {
    let world = World::without_mail().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let grace = world.sign_up("grace@x.org", "Navy").await;
    let lin = world.sign_up("lin@x.org", "Lin").await;
    world.clock.advance(TimeDelta::seconds(1));
    let body = json!({"email": "grace@x.org", "role": "admin"});
    let invited = ada.post("/invitations", &body).await.expect(StatusCode::CREATED);
    let token = json!({"token": token_of(&invited["link"])});
    lin.post("/invitations/accept", &token).await.expect_problem(409, "invited_somebody_else");
    world.nobody().post("/invitations/accept", &token).await.expect_problem(409, "sign_in_first");
    let me = grace.post("/invitations/accept", &token).await.expect(StatusCode::OK);
    assert_eq!((&me["account"]["slug"], &me["role"]), (&json!("acme"), &json!("admin")));
    ada.post("/invitations", &body).await.expect_errors(&[("/email", "already_member")]);

    // Several accounts, one browser that turns from one to the other.
    let accounts = grace.get("/accounts").await.expect(StatusCode::OK);
    let slugs: Vec<_> =
        accounts["items"].as_array().expect("items").iter().map(|item| &item["account"]["slug"]).collect();
    assert_eq!(slugs, ["navy", "acme"]);
    let navy = accounts["items"][0]["account"]["id"].as_str().expect("an id");
    assert_eq!(grace.get("/account").await.expect(StatusCode::OK)["slug"], "acme");
    grace.send("POST", &format!("/accounts/{navy}/switch"), None, None).await.expect(StatusCode::OK);
    assert_eq!(grace.get("/account").await.expect(StatusCode::OK)["slug"], "navy");
    lin.send("POST", &format!("/accounts/{navy}/switch"), None, None).await.expect_problem(404, "not_found");
    grace.post("/accounts", &json!({"name": "Third"})).await.expect(StatusCode::CREATED);
    assert_eq!(grace.get("/account").await.expect(StatusCode::OK)["slug"], "third");
}

#[tokio::test]
async fn invitation_never_gives_more_than_the_inviter_has() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let admin = world.join(&ada, "admin@x.org", "admin").await;
    let body = json!({"email": "new@x.org", "role": "owner"});
    admin.post("/invitations", &body).await.expect_errors(&[("/role", "role_above_own")]);
    ada.post("/invitations", &body).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn member_changed_never_gets_above_whoever_changes_it() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let admin = world.join(&ada, "admin@x.org", "admin").await;
    let viewer = world.join(&ada, "viewer@x.org", "viewer").await;
    let members = ada.get("/members").await.expect(StatusCode::OK);
    let path = |email: &str| {
        let items = members["items"].as_array().expect("items");
        let member = items.iter().find(|member| member["email"] == email).expect("a member");
        format!("/members/{}", member["id"].as_str().expect("an id"))
    };
    let (owner_path, viewer_path) = (path("ada@x.org"), path("viewer@x.org"));
    admin.patch(&viewer_path, &json!({"role": "owner"})).await.expect_errors(&[("/role", "role_above_own")]);
    admin.patch(&owner_path, &json!({"role": "viewer"})).await.expect_problem(403, "forbidden");
    admin.delete(&owner_path).await.expect_problem(403, "forbidden");
    ada.patch(&owner_path, &json!({"role": "admin"})).await.expect_problem(409, "last_owner");
    ada.delete(&owner_path).await.expect_problem(409, "last_owner");
    ada.send("POST", "/account/leave", None, None).await.expect_problem(409, "last_owner");

    // What somebody minted goes with the rights they minted it by.
    let member = admin.patch(&viewer_path, &json!({"role": "admin"})).await.expect(StatusCode::OK);
    assert_eq!(member["role"], "admin");
    let (admin_key, viewer_key) = (viewer.key("admin").await, viewer.key("viewer").await);
    ada.patch(&viewer_path, &json!({"role": "policy_manager"})).await.expect(StatusCode::OK);
    world.with_key(&admin_key).get("/me").await.expect_problem(401, "unauthenticated");
    world.with_key(&viewer_key).get("/me").await.expect(StatusCode::OK);
    ada.delete(&viewer_path).await.expect(StatusCode::NO_CONTENT);
    world.with_key(&viewer_key).get("/me").await.expect_problem(401, "unauthenticated");
    viewer.get("/me").await.expect_problem(401, "unauthenticated");
    ada.delete(&viewer_path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn member_without_any_account_gets_one_at_the_next_sign_in() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let grace = world.join(&ada, "grace@x.org", "viewer").await;
    grace.send("POST", "/account/leave", None, None).await.expect(StatusCode::NO_CONTENT);
    grace.get("/me").await.expect_problem(401, "unauthenticated");
    let me = world.nobody().post("/auth/sign-in", &json!({"email": "grace@x.org", "password": PASSWORD})).await;
    let me = me.expect(StatusCode::OK);
    assert_eq!((&me["account"]["slug"], &me["role"]), (&json!("grace"), &json!("owner")));
}

#[tokio::test]
async fn account_transferred_has_another_owner() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let grace = world.join(&ada, "grace@x.org", "viewer").await;
    let lin = world.sign_up("lin@x.org", "Lin").await;
    let id = async |caller: &super::world::Caller<'_>| {
        caller.get("/me").await.expect(StatusCode::OK)["user"]["id"].as_str().expect("an id").to_owned()
    };
    let transfer = async |to: String| ada.post("/account/transfer", &json!({"user_id": to})).await;
    transfer(id(&lin).await).await.expect_errors(&[("/user_id", "unknown_member")]);
    transfer(id(&ada).await).await.expect_errors(&[("/user_id", "own_user")]);
    transfer(id(&grace).await).await.expect(StatusCode::OK);
    assert_eq!(grace.get("/me").await.expect(StatusCode::OK)["role"], "owner");
    assert_eq!(ada.get("/me").await.expect(StatusCode::OK)["role"], "admin");
    transfer(id(&grace).await).await.expect_problem(403, "forbidden");
    ada.send("POST", "/account/leave", None, None).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn account_to_be_deleted_rests_and_is_restored_or_gone() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let grace = world.join(&ada, "grace@x.org", "admin").await;
    let server = ada.server().await;
    let before = world.advances();
    let account = ada.delete("/account").await.expect(StatusCode::OK);
    assert_ne!(account["delete_at"], json!(null));
    assert_eq!(world.advances(), before + 1, "calls are told at once");
    // Asking again moves nothing.
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(ada.delete("/account").await.expect(StatusCode::OK)["delete_at"], account["delete_at"]);
    grace.get("/servers").await.expect(StatusCode::OK);
    let change = json!({"name": "Other"});
    grace.patch(&format!("/servers/{server}"), &change).await.expect_problem(403, "account_closing");
    ada.patch("/account", &change).await.expect_problem(403, "account_closing");

    let restored = ada.send("POST", "/account/restore", None, None).await.expect(StatusCode::OK);
    assert_eq!(restored["delete_at"], json!(null));
    ada.patch("/account", &change).await.expect(StatusCode::OK);

    ada.delete("/account").await.expect(StatusCode::OK);
    world.clock.advance(TimeDelta::days(14));
    ostiary_api::ops::sweep::round(&world.state).await.expect("swept");
    let body = json!({"email": "ada@x.org", "password": PASSWORD});
    world.nobody().post("/auth/sign-in", &body).await.expect_problem(401, "wrong_credentials");
    // The name is free for somebody new, who finds nothing.
    let new = world.sign_up("ada@x.org", "Acme").await;
    assert_eq!(new.get("/account").await.expect(StatusCode::OK)["slug"], "acme");
    assert_eq!(new.get("/servers").await.expect(StatusCode::OK)["items"], json!([]));
}

#[tokio::test]
async fn every_change_of_members_is_an_audit_event() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let grace = world.join(&ada, "grace@x.org", "viewer").await;
    grace.send("POST", "/account/leave", None, None).await.expect(StatusCode::NO_CONTENT);
    let events = ada.get("/audit-events").await.expect(StatusCode::OK);
    let actions: Vec<_> = events["items"].as_array().expect("items").iter().map(|event| &event["action"]).collect();
    assert_eq!(actions[..3], ["member_removed", "member_added", "invitation_created"]);
    assert!(!events.to_string().contains("ost_invite_"));
}

#[tokio::test]
async fn password_changed_signs_the_other_browsers_out() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let body = json!({"email": "ada@x.org", "password": PASSWORD});
    let other = world.nobody().post("/auth/sign-in", &body).await;
    let other = world.with_cookie(&other.cookie());
    let sessions = ada.get("/sessions").await.expect(StatusCode::OK);
    let current: Vec<_> = sessions["items"].as_array().expect("items").iter().map(|item| &item["is_current"]).collect();
    assert_eq!(current, [false, true]);

    let change = |old: &str, new: &str| json!({"current_password": old, "new_password": new});
    let wrong = ada.post("/auth/password", &change("wrong", "another lantern")).await;
    wrong.expect_errors(&[("/current_password", "wrong_password")]);
    let common = ada.post("/auth/password", &change(PASSWORD, "password1234")).await;
    common.expect_errors(&[("/new_password", "too_common")]);
    ada.post("/auth/password", &change(PASSWORD, "another lantern")).await.expect(StatusCode::NO_CONTENT);
    ada.get("/me").await.expect(StatusCode::OK);
    other.get("/me").await.expect_problem(401, "unauthenticated");
    world.nobody().post("/auth/sign-in", &body).await.expect_problem(401, "wrong_credentials");
}

#[tokio::test]
async fn session_of_another_browser_is_ended() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let body = json!({"email": "ada@x.org", "password": PASSWORD});
    let sign_in = async || {
        let answer = world.nobody().post("/auth/sign-in", &body).await;
        answer.cookie()
    };
    let (second, third) = (sign_in().await, sign_in().await);
    let sessions = ada.get("/sessions").await.expect(StatusCode::OK);
    let newest = sessions["items"][0]["id"].as_str().expect("an id");
    ada.delete(&format!("/sessions/{newest}")).await.expect(StatusCode::NO_CONTENT);
    world.with_cookie(&third).get("/me").await.expect_problem(401, "unauthenticated");
    world.with_cookie(&second).get("/me").await.expect(StatusCode::OK);
    ada.delete("/sessions").await.expect(StatusCode::NO_CONTENT);
    world.with_cookie(&second).get("/me").await.expect_problem(401, "unauthenticated");
    ada.get("/me").await.expect(StatusCode::OK);
    let key = ada.key("owner").await;
    world.with_key(&key).get("/sessions").await.expect_problem(403, "people_only");
}

#[tokio::test]
async fn password_is_reset_by_a_link_that_works_once() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    let ask = async |email: &str| world.nobody().post("/auth/password-reset", &json!({"email": email})).await;
    let (known, unknown) = (ask("ada@x.org").await, ask("nobody@x.org").await);
    assert_eq!((known.status, &known.text), (StatusCode::ACCEPTED, &unknown.text));
    unknown.expect(StatusCode::ACCEPTED);
    ask("no address").await.expect(StatusCode::ACCEPTED);
    let token = world.outbox.token("ada@x.org", "reset-password").await;
    assert_eq!(world.outbox.count("nobody@x.org", "reset-password"), 0);

    let body = json!({"token": token, "password": "another lantern"});
    let answer = world.nobody().post("/auth/password-reset/confirm", &body).await;
    assert!(answer.headers.contains_key(header::SET_COOKIE));
    answer.expect(StatusCode::NO_CONTENT);
    ada.get("/me").await.expect_problem(401, "unauthenticated");
    let again = world.nobody().post("/auth/password-reset/confirm", &body).await;
    again.expect_errors(&[("/token", "link_not_valid")]);
    let body = json!({"email": "ada@x.org", "password": "another lantern"});
    let me = world.nobody().post("/auth/sign-in", &body).await.expect(StatusCode::OK);
    assert_eq!(me["user"]["is_email_verified"], true);

    let nowhere = World::without_mail().await;
    let refused = nowhere.nobody().post("/auth/password-reset", &json!({"email": "a@x.org"})).await;
    refused.expect_problem(409, "no_mail");
}

#[tokio::test]
async fn email_is_verified_by_the_link_that_sign_up_sends() {
    let world = World::new().await;
    let ada = world.sign_up("ada@x.org", "Acme").await;
    assert_eq!(ada.get("/me").await.expect(StatusCode::OK)["user"]["is_email_verified"], false);
    let old = world.outbox.token("ada@x.org", "verify-email").await;
    ada.send("POST", "/auth/verify-email/send", None, None).await.expect(StatusCode::ACCEPTED);
    let new = world.outbox.token("ada@x.org", "verify-email").await;
    let verify = async |token: String| world.nobody().post("/auth/verify-email", &json!({"token": token})).await;
    verify(old).await.expect_errors(&[("/token", "link_not_valid")]);
    verify(new).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(ada.get("/me").await.expect(StatusCode::OK)["user"]["is_email_verified"], true);
}
