//! Every operation of the document × nobody, a stranger, each role.

use std::collections::BTreeSet;

use http::StatusCode;
use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_model::tool::Category;
use ostiary_model::{PasskeyId, Permission, Role, SignInMethod};
use ostiary_storage::{Store, Unrecorded};
use serde_json::{Value, json};

use super::world::{Caller, PASSWORD, World, decision};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Anybody,
    /// Whoever is signed in, whatever their role, and no API key.
    Person,
    With(Permission),
}

use Access::{Anybody, Person, With};
use Permission::{ManageAccess, ManageAccount, ManageMembers, ManagePolicies, View};

/// What an operation needs, and a body with which it works.
fn table(objects: &Objects) -> Vec<(&'static str, Access, Option<Value>)> {
    let document = json!({"version": "1", "default": "allow"});
    let server = &objects.server;
    let sign_up = json!({"email": "new@x.org", "password": PASSWORD, "account_name": "N"});
    vec![
        ("sign_up", Anybody, Some(sign_up)),
        ("sign_in", Anybody, Some(json!({"email": "owner@x.org", "password": PASSWORD}))),
        ("sign_out", Anybody, None),
        ("get_auth_methods", Anybody, None),
        ("request_password_reset", Anybody, Some(json!({"email": "owner@x.org"}))),
        ("confirm_password_reset", Anybody, Some(json!({"token": objects.reset_token, "password": "another lantern"}))),
        ("change_password", Person, Some(json!({"current_password": PASSWORD, "new_password": "another lantern"}))),
        ("verify_email", Anybody, Some(json!({"token": objects.verify_token}))),
        ("send_email_verification", Person, None),
        ("sign_in_with_second_factor", Anybody, Some(json!({"token": objects.halfway, "code": "000000"}))),
        ("begin_passkey_proof", Anybody, Some(json!({"token": objects.halfway}))),
        (
            "sign_in_with_passkey",
            Anybody,
            Some(json!({"token": objects.halfway, "ceremony": PasskeyId::generate(), "credential": {}})),
        ),
        ("begin_passkey", Person, Some(json!({"password": PASSWORD}))),
        (
            "confirm_passkey",
            Person,
            Some(json!({"ceremony": PasskeyId::generate(), "name": "Laptop", "credential": {}})),
        ),
        ("remove_passkey", Person, Some(json!({"password": PASSWORD}))),
        ("begin_provider_sign_in", Anybody, Some(json!({"to": "/servers"}))),
        ("begin_provider_link", Person, None),
        ("finish_provider_sign_in", Anybody, None),
        ("list_identities", Person, None),
        ("remove_identity", Person, Some(json!({"password": PASSWORD}))),
        ("get_second_factor", Person, None),
        ("begin_totp", Person, Some(json!({"password": PASSWORD}))),
        ("confirm_totp", Person, Some(json!({"code": "000000"}))),
        ("disable_second_factor", Person, Some(json!({"password": PASSWORD}))),
        ("renew_recovery_codes", Person, Some(json!({"password": PASSWORD}))),
        ("list_sessions", Person, None),
        ("end_session", Person, None),
        ("end_other_sessions", Person, None),
        ("list_accounts", Person, None),
        ("create_account", Person, Some(json!({"name": "Second"}))),
        ("switch_account", Person, None),
        ("delete_account", With(ManageAccount), None),
        ("restore_account", With(ManageAccount), None),
        ("transfer_account", With(ManageAccount), Some(json!({"user_id": objects.member}))),
        ("leave_account", Person, None),
        ("list_members", With(ManageMembers), None),
        ("get_member", With(ManageMembers), None),
        ("update_member", With(ManageMembers), Some(json!({"role": "policy_manager"}))),
        ("remove_member", With(ManageMembers), None),
        ("list_invitations", With(ManageMembers), None),
        ("create_invitation", With(ManageMembers), Some(json!({"email": "third@x.org", "role": "viewer"}))),
        ("revoke_invitation", With(ManageMembers), None),
        ("inspect_invitation", Anybody, Some(json!({"token": objects.invitation_token}))),
        ("accept_invitation", Anybody, Some(json!({"token": objects.invitation_token, "password": PASSWORD}))),
        ("get_me", With(View), None),
        ("get_account", With(View), None),
        ("get_usage", With(View), None),
        ("update_account", With(ManageMembers), Some(json!({}))),
        ("list_servers", With(View), None),
        ("create_server", With(ManageAccess), Some(json!({"name": "Two", "url": super::world::URL}))),
        ("get_server", With(View), None),
        ("update_server", With(ManageAccess), Some(json!({"name": "Renamed"}))),
        ("delete_server", With(ManageAccess), None),
        ("refresh_server", With(ManageAccess), None),
        ("get_server_health", With(View), None),
        ("list_tools", With(View), None),
        ("get_tool", With(View), None),
        ("update_tool", With(ManagePolicies), Some(json!({"accept": true, "fingerprint": objects.fingerprint}))),
        ("list_resources", With(View), None),
        ("list_resource_templates", With(View), None),
        ("list_prompts", With(View), None),
        ("list_tool_changes", With(View), None),
        ("get_tool_change", With(View), None),
        ("accept_tool_change", With(ManagePolicies), Some(json!({"fingerprint": objects.change_fingerprint}))),
        ("list_catalogue_servers", Anybody, None),
        ("list_catalogue_tools", Anybody, None),
        ("get_catalogue_server", Anybody, None),
        ("get_catalogue_tool", Anybody, None),
        ("list_policies", With(View), None),
        (
            "create_policy",
            With(ManagePolicies),
            Some(json!({"server_id": server, "name": "New", "document": document})),
        ),
        ("validate_policy", With(View), Some(json!({"document": document}))),
        ("simulate_policy", With(View), Some(json!({"server_id": server, "document": document}))),
        ("get_policy", With(View), None),
        ("update_policy", With(ManagePolicies), Some(json!({"document": document}))),
        ("delete_policy", With(ManagePolicies), None),
        ("list_policy_versions", With(View), None),
        ("get_policy_version", With(View), None),
        ("diff_policy_versions", With(View), None),
        ("rollback_policy", With(ManagePolicies), Some(json!({"version": 1}))),
        ("list_grants", With(View), None),
        ("create_grant", With(ManageAccess), Some(json!({"label": "x", "bindings": [{"server_id": server}]}))),
        ("get_grant", With(View), None),
        ("update_grant", With(ManageAccess), Some(json!({"label": "y"}))),
        ("revoke_grant", With(ManageAccess), None),
        ("rotate_grant", With(ManageAccess), Some(json!({}))),
        ("put_binding", With(ManagePolicies), Some(json!({"mode": "shadow"}))),
        ("delete_binding", With(ManageAccess), None),
        ("list_api_keys", With(ManageAccess), None),
        ("create_api_key", With(ManageAccess), Some(json!({"label": "x", "role": "viewer"}))),
        ("revoke_api_key", With(ManageAccess), None),
        ("list_audit_events", With(ManageMembers), None),
        ("export_audit_events", With(ManageMembers), None),
        ("list_decisions", With(View), None),
        ("stream_decisions", With(View), None),
        ("export_decisions", With(View), None),
        ("get_decision", With(View), None),
    ]
}

/// What exists in the owner's account.
struct Objects {
    server: String,
    fingerprint: String,
    change: String,
    change_fingerprint: String,
    policy: String,
    grant: String,
    api_key: String,
    decision: String,
    /// A viewer besides the owner, with links that were mailed to them.
    member: String,
    reset_token: String,
    verify_token: String,
    halfway: String,
    invitation: String,
    invitation_token: String,
    account: String,
    session: String,
    /// Of the grant.
    token: String,
}

impl Objects {
    async fn new(world: &World, owner: &Caller<'_>) -> Self {
        let server = owner.server().await;
        let tool = owner.get(&format!("/servers/{server}/tools/list_users")).await.expect(StatusCode::OK);
        world.servers.answer(super::world::URL, super::world::offers(&["create_session", "list_users"]));
        owner.post(&format!("/servers/{server}/refresh"), &json!({})).await.expect(StatusCode::OK);
        let changes = owner.get(&format!("/servers/{server}/changes")).await.expect(StatusCode::OK);
        let text = |pointer: &str| changes.pointer(pointer).and_then(Value::as_str).expect("a change").to_owned();
        let policy = owner.policy(&server, &json!({"version": "1", "default": "deny"})).await;
        let made = owner.grant(&server, None).await;
        let grant = made["grant"]["id"].as_str().expect("an id").to_owned();
        let body = json!({"label": "Spare", "role": "viewer"});
        let minted = owner.post("/api-keys", &body).await.expect(StatusCode::CREATED);
        let record = decision(owner.account_id().await, &server, &grant, "list_users", &world.clock);
        let decision = record.id.to_string();
        world.record(record).await;

        let member = world.join(owner, "member@x.org", "viewer").await.get("/me").await.expect(StatusCode::OK);
        let body = json!({"email": "guest@x.org", "role": "viewer"});
        let invited = owner.post("/invitations", &body).await.expect(StatusCode::CREATED);
        let me = owner.get("/me").await.expect(StatusCode::OK);
        let sessions = owner.get("/sessions").await.expect(StatusCode::OK);
        let reset = world.nobody().post("/auth/password-reset", &json!({"email": "member@x.org"})).await;
        reset.expect(StatusCode::ACCEPTED);
        let server_of_all = CatalogueServer {
            slug: "acme-pay".to_owned(),
            key: "npm:@acme/pay".to_owned(),
            name: "@acme/pay".to_owned(),
            description: None,
            version: None,
            url: None,
            repository: None,
            scanned_at: None,
            imported_at: chrono::Utc::now(),
            hash: [0; 32],
        };
        let tool_of_all = CatalogueTool {
            name: "get_it".to_owned(),
            definition: json!({"name": "get_it"}),
            category: Category::Read,
            risk: Category::Read.risk(),
            tokens: 1,
            findings: Vec::new(),
        };
        let mut transaction = world.store.begin().await.expect("begin");
        transaction.put_catalogue_server(&server_of_all, &[tool_of_all]).await.expect("put");
        transaction.commit(Unrecorded::Fixture.into()).await.expect("commit");
        Self {
            halfway: world.state.halfway.issue(
                member["user"]["id"].as_str().expect("an id").parse().expect("an id"),
                SignInMethod::Password,
                ostiary_model::Clock::now(&*world.clock),
            ),
            member: member["user"]["id"].as_str().expect("an id").to_owned(),
            reset_token: world.outbox.token("member@x.org", "reset-password").await,
            verify_token: world.outbox.token("owner@x.org", "verify-email").await,
            invitation: invited["invitation"]["id"].as_str().expect("an id").to_owned(),
            invitation_token: world.outbox.token("guest@x.org", "accept").await,
            account: me["account"]["id"].as_str().expect("an id").to_owned(),
            session: sessions["items"][0]["id"].as_str().expect("an id").to_owned(),
            server,
            fingerprint: tool["fingerprint"].as_str().expect("text").to_owned(),
            change: text("/items/0/id"),
            change_fingerprint: text("/items/0/fingerprint"),
            policy,
            grant,
            api_key: minted["api_key"]["id"].as_str().expect("an id").to_owned(),
            decision,
            token: made["token"].as_str().expect("a token").to_owned(),
        }
    }

    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(3) {
            Some("servers") => &self.server,
            Some("policies") => &self.policy,
            Some("grants") => &self.grant,
            Some("api-keys") => &self.api_key,
            Some("members") => &self.member,
            Some("invitations") => &self.invitation,
            Some("accounts") => &self.account,
            Some("sessions") => &self.session,
            _ => &self.decision,
        };
        let path = template.strip_prefix("/api/v1").expect("the prefix").replace("{id}", id);
        path.replace("{server_id}", &self.server)
            .replace("{name}", "list_users")
            .replace("{change_id}", &self.change)
            .replace("{slug}", "acme-pay")
            .replace("{tool}", "get_it")
            .replace("{number}", "1")
    }
}

struct Operation {
    id: String,
    method: String,
    template: String,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(ostiary_api::openapi()).expect("serialises");
    let paths = document["paths"].as_object().expect("paths").iter();
    let found = paths.flat_map(|(template, item)| {
        item.as_object().expect("operations").iter().map(move |(method, operation)| Operation {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase(),
            template: template.clone(),
        })
    });
    found.collect()
}

/// Sends an operation and answers its status, without waiting for the end of a stream.
async fn call(world: &World, caller: &Caller<'_>, objects: &Objects, operation: &Operation) -> StatusCode {
    let (_, _, body) = entry(objects, &operation.id);
    let mut request = caller.request(&operation.method, &objects.path(&operation.template)).header("if-match", "*");
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            body.to_string().into()
        }
        None => axum::body::Body::empty(),
    };
    world.open(request.body(body).expect("a request")).await.status()
}

fn entry(objects: &Objects, id: &str) -> (&'static str, Access, Option<Value>) {
    table(objects).into_iter().find(|(name, _, _)| *name == id).unwrap_or_else(|| panic!("`{id}` is not in the table"))
}

#[tokio::test]
async fn table_has_every_operation_of_the_document_and_no_other() {
    let world = World::new().await;
    let owner = world.sign_up("owner@x.org", "Owner").await;
    let objects = Objects::new(&world, &owner).await;
    let table: BTreeSet<String> = table(&objects).into_iter().map(|(id, _, _)| id.to_owned()).collect();
    let document: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    assert_eq!(table, document);
}

#[tokio::test]
async fn operation_without_credentials_is_refused() {
    let world = World::new().await;
    let owner = world.sign_up("owner@x.org", "Owner").await;
    let objects = Objects::new(&world, &owner).await;
    for operation in operations() {
        let status = call(&world, &world.nobody(), &objects, &operation).await;
        let is_open = entry(&objects, &operation.id).1 == Anybody;
        assert_eq!(status == StatusCode::UNAUTHORIZED, !is_open, "{} {status}", operation.id);
    }
}

/// Credentials that were good once open nothing any more.
#[tokio::test]
async fn operation_with_expired_revoked_or_ended_credentials_is_refused() {
    let world = World::new().await;
    let owner = world.sign_up("owner@x.org", "Owner").await;
    let objects = Objects::new(&world, &owner).await;
    let revoked = owner.key("owner").await;
    let keys = owner.get("/api-keys").await.expect(StatusCode::OK);
    let id = keys["items"][0]["id"].as_str().expect("an id");
    owner.delete(&format!("/api-keys/{id}")).await.expect(StatusCode::NO_CONTENT);
    let expires_at = ostiary_model::Clock::now(&*world.clock) + chrono::TimeDelta::minutes(1);
    let body = json!({"label": "short", "role": "owner", "expires_at": expires_at});
    let minted = owner.post("/api-keys", &body).await.expect(StatusCode::CREATED);
    let expired = minted["key"].as_str().expect("a key").to_owned();
    let again = json!({"email": "owner@x.org", "password": PASSWORD});
    let ended = world.nobody().post("/auth/sign-in", &again).await.cookie();
    world.with_cookie(&ended).send("POST", "/auth/sign-out", None, None).await.expect(StatusCode::NO_CONTENT);
    let mut forged = revoked.clone();
    let last = forged.pop().expect("not empty");
    forged.push(if last == 'a' { 'b' } else { 'a' });
    world.clock.advance(chrono::TimeDelta::minutes(1));
    let callers = [
        ("revoked key", world.with_key(&revoked)),
        ("expired key", world.with_key(&expired)),
        ("forged key", world.with_key(&forged)),
        ("ended session", world.with_cookie(&ended)),
        ("token of a grant", world.with_key(&objects.token)),
    ];
    for operation in operations() {
        if entry(&objects, &operation.id).1 == Anybody {
            continue;
        }
        for (name, caller) in &callers {
            let status = call(&world, caller, &objects, &operation).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{} with {name}", operation.id);
        }
    }
    world.clock.advance(chrono::TimeDelta::days(30));
    for operation in operations().into_iter().filter(|operation| entry(&objects, &operation.id).1 != Anybody) {
        let status = call(&world, &owner, &objects, &operation).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{} with an expired session", operation.id);
    }
}

#[tokio::test]
async fn operation_on_another_accounts_object_finds_nothing() {
    let world = World::new().await;
    let owner = world.sign_up("owner@x.org", "Owner").await;
    let objects = Objects::new(&world, &owner).await;
    let stranger = world.sign_up("stranger@x.org", "Stranger").await;
    for operation in operations().into_iter().filter(|operation| operation.template.contains("{id}")) {
        let status = call(&world, &stranger, &objects, &operation).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{}", operation.id);
    }
    for list in ["/servers", "/policies", "/grants", "/api-keys", "/decisions"] {
        assert_eq!(stranger.get(list).await.expect(StatusCode::OK)["items"], json!([]), "{list}");
    }
    // All of it is still there.
    for (list, id) in [("servers", &objects.server), ("policies", &objects.policy), ("grants", &objects.grant)] {
        owner.get(&format!("/{list}/{id}")).await.expect(StatusCode::OK);
    }
}

/// Operations that get as far as being told what is missing: an app, a passkey, a provider of sign-ins.
const TOLD: [&str; 11] = [
    "begin_passkey",
    "begin_passkey_proof",
    "begin_provider_link",
    "begin_provider_sign_in",
    "confirm_passkey",
    "confirm_totp",
    "finish_provider_sign_in",
    "remove_identity",
    "remove_passkey",
    "renew_recovery_codes",
    "sign_in_with_passkey",
];

#[tokio::test]
async fn operation_is_allowed_to_the_roles_of_the_table_only() {
    for role in Role::ALL {
        let shared = Installation::new().await;
        let key = shared.owner().key(role.as_str()).await;
        for operation in operations() {
            // What does not depend on the role is tried with one.
            if role != Role::Owner && !matches!(entry(&shared.objects, &operation.id).1, With(_)) {
                continue;
            }
            // A world for each that changes something, so that every operation meets objects that no other has removed.
            let own = if operation.method == "GET" { None } else { Some(Installation::new().await) };
            let (installation, key) = match &own {
                Some(own) => (own, own.owner().key(role.as_str()).await),
                None => (&shared, key.clone()),
            };
            let caller = installation.world.with_key(&key);
            let status = call(&installation.world, &caller, &installation.objects, &operation).await;
            let may = match entry(&installation.objects, &operation.id).1 {
                Anybody => true,
                Person => false,
                With(permission) => role.allows(permission),
            };
            if may {
                let is_told = TOLD.contains(&operation.id.as_str());
                assert!(status.is_success() || is_told, "{} as {role}: {status}", operation.id);
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{} as {role}", operation.id);
            }
        }
    }
}

#[tokio::test]
async fn operation_for_people_is_allowed_to_every_member() {
    let first = Installation::new().await;
    let personal = |operation: &Operation| entry(&first.objects, &operation.id).1 == Person;
    for role in [Role::Owner, Role::Viewer] {
        for operation in operations().into_iter().filter(personal) {
            let installation = Installation::new().await;
            let Installation { world, objects, .. } = &installation;
            let member = world.join(&installation.owner(), "second@x.org", role.as_str()).await;
            let sessions = member.get("/sessions").await.expect(StatusCode::OK);
            let session = sessions["items"][0]["id"].as_str().expect("an id").to_owned();
            let path = objects.path(&operation.template).replace(&objects.session, &session);
            let body = entry(objects, &operation.id).2;
            let answer = member.send(&operation.method, &path, body.as_ref(), None).await;
            let is_told = TOLD.contains(&operation.id.as_str());
            assert!(answer.status.is_success() || is_told, "{} as {role}: {answer:?}", operation.id);
        }
    }
}

/// An installation with everything that operations are tried on.
struct Installation {
    world: World,
    cookie: String,
    objects: Objects,
}

impl Installation {
    async fn new() -> Self {
        let world = World::new().await;
        let owner = world.sign_up("owner@x.org", "Owner").await;
        let objects = Objects::new(&world, &owner).await;
        let cookie = owner.cookie();
        Self { world, cookie, objects }
    }

    fn owner(&self) -> Caller<'_> {
        self.world.with_cookie(&self.cookie)
    }
}
