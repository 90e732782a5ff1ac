//! Texts of strangers in records.

use ostiary_model::decision::Decision;
use ostiary_model::server::{InventoryState, ServerIdentity};
use ostiary_storage::contract::fixture::{Tenant, at, first, hash, record, tool};
use ostiary_storage::{DecisionFilter, ReadDecisions as _, ReadServers as _, ReadTools as _, Store as _, Unrecorded};
use ostiary_storage_pg::PgSettings;

use crate::{backend, open};

/// What a client calls itself must not make its calls unrecordable, nor those of others in the same batch.
#[tokio::test]
async fn decision_with_nul_in_its_texts_is_recorded_with_a_mark_in_its_place() {
    let Some((store, _database)) = open(&PgSettings::default()).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    let nul = || Some("a\0b".to_owned());
    let decision = Decision {
        server_slug: "a\0b".to_owned(),
        grant_label: "a\0b".to_owned(),
        session: nul(),
        client_name: nul(),
        client_version: nul(),
        protocol_version: nul(),
        method: "a\0b".to_owned(),
        target: nul(),
        code: nul(),
        rule: nul(),
        message: nul(),
        argument_names: vec!["a\0b".to_owned()],
        argument_hash: nul(),
        trace_id: nul(),
        ..one.decision(at(1))
    };
    record(&backend, vec![decision.clone(), one.decision(at(2))]).await;
    let mark = || Some("a\u{FFFD}b".to_owned());
    let expected = Decision {
        server_slug: "a\u{FFFD}b".to_owned(),
        grant_label: "a\u{FFFD}b".to_owned(),
        session: mark(),
        client_name: mark(),
        client_version: mark(),
        protocol_version: mark(),
        method: "a\u{FFFD}b".to_owned(),
        target: mark(),
        code: mark(),
        rule: mark(),
        message: mark(),
        // JSON has an escape for it.
        argument_names: vec!["a\0b".to_owned()],
        argument_hash: mark(),
        trace_id: mark(),
        ..decision.clone()
    };
    assert_eq!(store.get_decision(one.id(), decision.id).await.expect("get"), Some(expected.clone()));
    let filter = DecisionFilter { target: nul(), method: nul(), code: nul(), ..DecisionFilter::default() };
    assert_eq!(store.list_decisions(one.id(), &filter, first(9)).await.expect("list").items, [expected]);
}

/// A URI may be as long as a call: longer than an index takes.
#[tokio::test]
async fn decision_with_a_long_target_is_recorded_and_found_by_it() {
    let Some((store, _database)) = open(&PgSettings::default()).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    // Not to be compressed.
    let long: String = (0..20_000_u32).map(|n| format!("{:08x}", n.wrapping_mul(2_654_435_761))).collect();
    let mut decisions = [one.decision(at(1)), one.decision(at(2))];
    decisions[0].target = Some(format!("file:///{long}"));
    decisions[1].target = Some(format!("file:///{long}x"));
    record(&backend, decisions.to_vec()).await;
    for decision in decisions {
        let filter = DecisionFilter { target: decision.target.clone(), ..DecisionFilter::default() };
        assert_eq!(store.list_decisions(one.id(), &filter, first(9)).await.expect("list").items, [decision]);
    }
}

/// What an upstream says of itself must not keep its inventory from being read.
#[tokio::test]
async fn inventory_with_nul_in_its_texts_is_kept_with_a_mark_in_its_place() {
    let Some((store, _database)) = open(&PgSettings::default()).await else { return };
    let backend = backend(&store);
    let one = Tenant::create(&backend, "one").await;
    let server = one.create_server(&backend, "pay").await;
    let identity = ServerIdentity { name: Some("a\0b".to_owned()), ..ServerIdentity::default() };
    let state = InventoryState { error: Some("a\0b".to_owned()), ..InventoryState::default() };
    let mut tx = store.begin().await.expect("begin");
    tx.update_server_inventory(one.id(), server.id, &identity, &state).await.expect("update");
    tx.replace_tools(one.id(), server.id, &[tool(&server, "a\0b", 1, at(0))], at(0)).await.expect("replace");
    tx.commit(Unrecorded::Fixture.into()).await.expect("commit");
    let found = store.get_server(one.id(), server.id).await.expect("get").expect("a server");
    assert_eq!(found.identity.name.as_deref(), Some("a\u{FFFD}b"));
    assert_eq!(found.inventory.error.as_deref(), Some("a\u{FFFD}b"));
    let tools = store.list_all_tools(one.id(), server.id).await.expect("list");
    assert_eq!(tools.len(), 1);
    assert_eq!((tools[0].name.as_str(), tools[0].fingerprint), ("a\u{FFFD}b", hash(1)));
    // The definition is what the server said, to the letter.
    assert_eq!(tools[0].definition, tool(&server, "a\0b", 1, at(0)).definition);
}
