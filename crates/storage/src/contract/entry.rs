//! Cases of what servers offer beside their tools.

use ostiary_model::Server;
use ostiary_model::entry::{EntryKind, InventoryEntry};
use serde_json::json;

use super::Backend;
use super::fixture::{Tenant, after, at, first};

use EntryKind::{Prompt, Resource, ResourceTemplate};

fn entry(server: &Server, kind: EntryKind, key: &str, seen: i64) -> InventoryEntry {
    InventoryEntry {
        server_id: server.id,
        kind,
        key: key.to_owned(),
        definition: json!({ "name": key, "seen": seen }),
        first_seen_at: at(seen),
        last_seen_at: at(seen),
    }
}

/// A list is what was read last, in the order of keys, and each kind is a list of its own.
pub async fn entries_replaced_are_listed_by_kind_and_key(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let [a, b, c] = ["note://a", "note://b", "note://c"].map(|key| entry(&server, Resource, key, 0));
    let prompt = entry(&server, Prompt, "note://a", 0);
    written!(
        backend,
        replace_entries(one.id(), server.id, Resource, &[c.clone(), a.clone(), b.clone()]),
        replace_entries(one.id(), server.id, Prompt, std::slice::from_ref(&prompt))
    );
    let list = async |kind, page| backend.store.list_entries(one.id(), server.id, kind, page).await.expect("list");
    let page = list(Resource, first(2)).await;
    assert_eq!((page.items.as_slice(), page.has_more), (&[a.clone(), b.clone()][..], true));
    let page = list(Resource, after(2, "note://b".to_owned())).await;
    assert_eq!((page.items.as_slice(), page.has_more), (&[c.clone()][..], false));
    assert!(list(ResourceTemplate, first(2)).await.items.is_empty());
    let all = backend.store.list_all_entries(one.id(), server.id).await.expect("list");
    assert_eq!(all, [prompt, a, b, c]);
}

/// What is still offered keeps when it was first seen; what is not is forgotten, up to the last.
pub async fn entries_replaced_keep_the_first_sight_and_forget_the_rest(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (server, neighbour) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let beside = entry(&neighbour, Resource, "b", 0);
    written!(
        backend,
        replace_entries(
            one.id(),
            server.id,
            Resource,
            &[entry(&server, Resource, "a", 0), entry(&server, Resource, "b", 0)]
        ),
        replace_entries(one.id(), neighbour.id, Resource, std::slice::from_ref(&beside)),
        replace_entries(one.id(), server.id, Resource, &[entry(&server, Resource, "a", 9)])
    );
    let all = async |server: &Server| backend.store.list_all_entries(one.id(), server.id).await.expect("list");
    let expected = InventoryEntry { first_seen_at: at(0), ..entry(&server, Resource, "a", 9) };
    assert_eq!(all(&server).await, [expected]);
    written!(backend, replace_entries(one.id(), server.id, Resource, &[]));
    assert!(all(&server).await.is_empty());
    assert_eq!(all(&neighbour).await, [beside]);
}

/// Keys are the upstream's: case, blanks and quotes tell them apart.
pub async fn entries_with_odd_keys_are_kept_apart(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut keys = ["Note", "note", "note ", "n'ote", "n%", "nöte", "{+path}", ""];
    keys.sort_unstable();
    let entries: Vec<_> = keys.iter().map(|key| entry(&server, ResourceTemplate, key, 0)).collect();
    written!(backend, replace_entries(one.id(), server.id, ResourceTemplate, &entries));
    assert_eq!(backend.store.list_all_entries(one.id(), server.id).await.expect("list"), entries);
}

/// Neither another account's server nor none.
pub async fn entries_of_a_strange_server_are_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let a = entry(&server, Resource, "a", 0);
    written!(backend, replace_entries(one.id(), server.id, Resource, std::slice::from_ref(&a)));
    assert_not_found!(refused!(backend, replace_entries(other.id(), server.id, Resource, &[])));
    let strange = backend.store.list_entries(other.id(), server.id, Resource, first(9)).await.expect("list");
    assert!(strange.items.is_empty());
    assert!(backend.store.list_all_entries(other.id(), server.id).await.expect("list").is_empty());
    assert_eq!(backend.store.list_all_entries(one.id(), server.id).await.expect("list"), [a]);
    written!(backend, delete_server(one.id(), server.id));
    assert!(backend.store.list_all_entries(one.id(), server.id).await.expect("list").is_empty());
}
