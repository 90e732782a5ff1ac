//! Cases of servers.

use ostiary_model::entry::{EntryKind, ListState};
use ostiary_model::server::{InventoryState, OnLimitsUnavailable, OnToolChange, ServerIdentity};
use ostiary_model::tool_change::Review;
use ostiary_model::{AccountId, Server, ServerId, UpstreamAuth};

use super::Backend;
use super::fixture::{Tenant, after, at, binding, first, hash, name, record, slug, tool};
use super::tool_change::change;
use crate::{ServerTotals, Unrecorded};

async fn get(backend: &Backend, server: &Server) -> Option<Server> {
    backend.store.get_server(server.account_id, server.id).await.expect("get")
}

/// What is written is read, with and without credentials.
pub async fn server_created_is_found_by_id_and_slug(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut plain = one.server("plain");
    plain.auth = UpstreamAuth::None;
    plain.identity = ServerIdentity {
        name: Some("example".to_owned()),
        version: Some("1.0".to_owned()),
        protocol_version: Some("2025-06-18".to_owned()),
        instructions: Some("be careful".to_owned()),
        capabilities: Some(serde_json::json!({ "tools": { "listChanged": true } })),
    };
    let lists = [(EntryKind::Prompt, ListState { count: 7, read_at: Some(at(3)), error: Some("it hangs".to_owned()) })];
    plain.inventory =
        InventoryState { read_at: Some(at(4)), error: Some("it did not answer".to_owned()), lists: lists.into() };
    let sealed = one.server("sealed");
    written!(backend, create_server(&plain), create_server(&sealed));
    for server in [plain, sealed] {
        assert_eq!(get(backend, &server).await, Some(server.clone()));
        let found = backend.store.find_server_by_slug(one.id(), &server.slug).await.expect("find");
        assert_eq!(found, Some(server));
    }
    assert_eq!(backend.store.get_server(one.id(), ServerId::generate()).await.expect("get"), None);
    assert_eq!(backend.store.find_server_by_slug(one.id(), &slug("third")).await.expect("find"), None);
}

/// Slugs are unique in an account.
pub async fn server_with_a_taken_slug_is_a_conflict_in_its_account_only(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    one.create_server(backend, "pay").await;
    assert_conflict!(refused!(backend, create_server(&one.server("pay"))), "servers_account_id_slug_key");
    other.create_server(backend, "pay").await;
}

/// The account must be there.
pub async fn server_in_no_account_is_not_found(backend: &Backend) {
    let mut server = Tenant::create(backend, "one").await.server("pay");
    server.account_id = AccountId::generate();
    assert_not_found!(refused!(backend, create_server(&server)));
}

/// Pages join without gap or repetition, and hold nothing of another account.
pub async fn servers_are_listed_in_pages_the_newest_first(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let mut servers = Vec::new();
    for text in ["a", "b", "c"] {
        servers.push(one.create_server(backend, text).await);
        other.create_server(backend, text).await;
    }
    servers.reverse();
    let page = backend.store.list_servers(one.id(), first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&servers[..2], true));
    let page = backend.store.list_servers(one.id(), after(2, servers[1].id)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&servers[2..], false));
    let page = backend.store.list_servers(one.id(), first(3)).await.expect("list");
    assert_eq!((page.items.len(), page.has_more), (3, false));
}

/// What is gone or reviewed is not counted, nor what is not asked for.
pub async fn server_totals_are_counted(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (pay, mail) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let unasked = one.create_server(backend, "unasked").await;
    let (a, b) = (tool(&pay, "a", 1, at(0)), tool(&pay, "b", 2, at(0)));
    let (open, reviewed) = (change(&pay, "a"), change(&pay, "b"));
    let review = Review { by: one.owner.id.to_string(), at: at(9) };
    written!(
        backend,
        replace_tools(one.id(), pay.id, &[a, b.clone()], at(0)),
        replace_tools(one.id(), pay.id, std::slice::from_ref(&b), at(9)),
        replace_tools(one.id(), unasked.id, &[tool(&unasked, "a", 1, at(0))], at(0)),
        put_tool_change(&open),
        put_tool_change(&reviewed),
        review_tool_change(one.id(), pay.id, reviewed.id, &review)
    );
    let ids = [pay.id, ServerId::generate(), mail.id];
    let mut totals = backend.store.list_server_totals(one.id(), &ids).await.expect("totals");
    totals.sort_by_key(|totals| totals.tools);
    let [empty, full] = totals[..] else { panic!("not two: {totals:?}") };
    assert_eq!(empty, ServerTotals { id: mail.id, tools: 0, tool_bytes: 0, open_changes: 0 });
    assert_eq!((full.id, full.tools, full.open_changes), (pay.id, 1, 1));
    assert!(full.tool_bytes > 0, "definitions have bytes");
    assert_eq!(backend.store.list_server_totals(one.id(), &[]).await.expect("totals"), []);
    assert_eq!(backend.store.list_server_totals(other.id(), &ids).await.expect("totals"), []);
}

/// What people set changes; what was read from the server does not.
pub async fn server_updated_has_the_next_revision(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut changed = server.clone();
    changed.slug = slug("pay-two");
    changed.name = name("Payments");
    changed.url = "https://other.example.com/".parse().expect("a URL");
    changed.auth = UpstreamAuth::None;
    changed.on_tool_change = OnToolChange::Allow;
    changed.on_limits_unavailable = OnLimitsUnavailable::Deny;
    changed.updated_at = at(9);
    written!(backend, update_server(&changed));
    changed.revision = 2;
    assert_eq!(get(backend, &server).await, Some(changed));
}

/// Whoever saw an older server changes nothing.
pub async fn server_updated_from_an_old_revision_is_stale(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    written!(backend, update_server(&server));
    let mut changed = server.clone();
    changed.name = name("Payments");
    assert_stale!(refused!(backend, update_server(&changed)));
    assert_eq!(get(backend, &server).await.expect("a server").name, server.name);
    changed.id = ServerId::generate();
    assert_not_found!(refused!(backend, update_server(&changed)));
}

/// A slug cannot be taken over.
pub async fn server_updated_to_a_taken_slug_is_a_conflict(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    one.create_server(backend, "pay").await;
    let mut changed = one.create_server(backend, "mail").await;
    changed.slug = slug("pay");
    assert_conflict!(refused!(backend, update_server(&changed)), "servers_account_id_slug_key");
}

/// Reading an inventory makes nobody's page stale.
pub async fn server_inventory_is_noted_without_a_new_revision(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let mut server = one.create_server(backend, "pay").await;
    server.identity.name = Some("example".to_owned());
    server.inventory = InventoryState {
        read_at: Some(at(6)),
        error: None,
        lists: [(EntryKind::Resource, ListState { count: 0, read_at: Some(at(6)), error: None })].into(),
    };
    written!(backend, update_server_inventory(one.id(), server.id, &server.identity, &server.inventory));
    assert_eq!(get(backend, &server).await, Some(server.clone()));
    server.inventory.error = Some("it did not answer".to_owned());
    written!(backend, update_server_inventory(one.id(), server.id, &server.identity, &server.inventory));
    assert_eq!(get(backend, &server).await, Some(server.clone()));
    let nowhere = ServerId::generate();
    assert_not_found!(refused!(
        backend,
        update_server_inventory(one.id(), nowhere, &server.identity, &server.inventory)
    ));
}

/// Tools, policies and bindings go; other servers, grants and the log stay.
pub async fn server_deleted_takes_what_hangs_on_it_and_leaves_decisions(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (gone, kept) = (one.create_server(backend, "gone").await, one.create_server(backend, "kept").await);
    let (gone_policy, kept_policy) =
        (one.create_policy(backend, &gone, "rules").await, one.create_policy(backend, &kept, "rules").await);
    written!(
        backend,
        replace_tools(one.id(), gone.id, &[tool(&gone, "pay", 1, at(0))], at(0)),
        replace_tools(one.id(), kept.id, &[tool(&kept, "pay", 1, at(0))], at(0))
    );
    let bindings = vec![binding(&gone, Some(&gone_policy)), binding(&kept, Some(&kept_policy))];
    let bound = one.create_grant(backend, bindings, hash(1)).await;
    let unbound = one.create_grant(backend, vec![binding(&kept, None)], hash(2)).await;
    let mut decision = one.decision(at(5));
    decision.server_id = gone.id;
    record(backend, vec![decision.clone()]).await;

    written!(backend, delete_server(one.id(), gone.id));

    assert_eq!(get(backend, &gone).await, None);
    assert_eq!(get(backend, &kept).await, Some(kept.clone()));
    let totals = backend.store.list_server_totals(one.id(), &[gone.id, kept.id]).await.expect("totals");
    assert_eq!(totals.iter().map(|totals| (totals.id, totals.tools)).collect::<Vec<_>>(), [(kept.id, 1)]);
    assert_eq!(backend.store.get_policy(one.id(), gone_policy.id).await.expect("get"), None);
    assert_eq!(backend.store.get_policy_version(one.id(), gone_policy.id, 1).await.expect("get"), None);
    let found = backend.store.get_grant(one.id(), bound.id).await.expect("get").expect("a grant");
    assert_eq!((found.bindings.as_slice(), found.revision), (&[binding(&kept, Some(&kept_policy))][..], 2));
    assert_eq!(backend.store.get_grant(one.id(), unbound.id).await.expect("get"), Some(unbound));
    assert_eq!(backend.store.get_decision(one.id(), decision.id).await.expect("get"), Some(decision));
    assert_not_found!(refused!(backend, delete_server(one.id(), gone.id)));
}

/// A stranger finds nothing, by id or slug.
pub async fn server_of_another_account_is_neither_read_nor_written(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    assert_eq!(backend.store.get_server(other.id(), server.id).await.expect("get"), None);
    assert_eq!(backend.store.find_server_by_slug(other.id(), &server.slug).await.expect("find"), None);
    assert!(backend.store.list_servers(other.id(), first(9)).await.expect("list").items.is_empty());
    let mut taken = server.clone();
    taken.account_id = other.id();
    taken.name = name("Taken");
    assert_not_found!(refused!(backend, update_server(&taken)));
    assert_not_found!(refused!(
        backend,
        update_server_inventory(other.id(), server.id, &server.identity, &server.inventory)
    ));
    assert_not_found!(refused!(backend, delete_server(other.id(), server.id)));
    assert_eq!(get(backend, &server).await, Some(server.clone()));
}

/// Of several processes, one gets each server, and nobody before its time.
pub async fn servers_to_read_are_each_taken_once(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (a, b) = (one.create_server(backend, "a").await, one.create_server(backend, "b").await);
    let take = async |before, limit| {
        let mut transaction = backend.store.begin().await.expect("begin");
        let taken = transaction.take_servers_to_read(before, at(100), limit).await.expect("take");
        transaction.commit(Unrecorded::Housekeeping.into()).await.expect("commit");
        taken
    };
    assert!(take(at(1), 9).await.is_empty(), "they were registered at that very moment");
    let mut taken = take(at(50), 1).await;
    taken.extend(take(at(50), 9).await);
    taken.sort();
    let mut all = vec![(one.id(), a.id), (one.id(), b.id)];
    all.sort();
    assert_eq!(taken, all);
    assert!(take(at(50), 9).await.is_empty());
}
