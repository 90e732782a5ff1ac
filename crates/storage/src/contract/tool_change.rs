//! Cases of changes of tools.

use ostiary_model::tool::Category;
use ostiary_model::tool_change::{Review, ToolChangeKind};
use ostiary_model::{Server, ToolChange, ToolChangeId};
use serde_json::json;

use super::Backend;
use super::fixture::{Tenant, after, at, first};

/// A tool that became another.
pub(super) fn change(server: &Server, tool: &str) -> ToolChange {
    ToolChange {
        id: ToolChangeId::generate(),
        account_id: server.account_id,
        server_id: server.id,
        kind: ToolChangeKind::Changed,
        tool: tool.to_owned(),
        previous_name: None,
        before: Some(json!({ "name": tool })),
        after: Some(json!({ "name": tool, "description": "new" })),
        category_before: Some(Category::Read),
        category_after: Some(Category::Write),
        detected_at: at(1),
        review: None,
    }
}

/// One row follows a tool until it was reviewed.
pub async fn change_put_is_found_and_replaced_by_its_id(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut change = change(&server, "a");
    written!(backend, put_tool_change(&change));
    let get = async |id| backend.store.get_tool_change(one.id(), server.id, id).await.expect("get");
    assert_eq!(get(change.id).await, Some(change.clone()));
    change.kind = ToolChangeKind::Renamed;
    change.previous_name = Some("b".to_owned());
    change.before = None;
    change.category_before = None;
    change.detected_at = at(7);
    written!(backend, put_tool_change(&change));
    assert_eq!(get(change.id).await, Some(change.clone()));
    written!(backend, delete_tool_change(one.id(), server.id, change.id));
    assert_eq!(get(change.id).await, None);
}

/// Those that nobody has looked at, and the others.
pub async fn changes_are_listed_in_pages_by_whether_they_were_reviewed(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let (a, b, mut c) = (change(&server, "a"), change(&server, "b"), change(&server, "c"));
    let review = Review { by: one.owner.id.to_string(), at: at(9) };
    written!(
        backend,
        put_tool_change(&a),
        put_tool_change(&b),
        put_tool_change(&c),
        review_tool_change(one.id(), server.id, c.id, &review)
    );
    c.review = Some(review);
    let list = async |is_reviewed, page| {
        backend.store.list_tool_changes(one.id(), server.id, is_reviewed, page).await.expect("list")
    };
    let page = list(false, first(1)).await;
    assert_eq!((page.items.as_slice(), page.has_more), (&[b.clone()][..], true));
    let page = list(false, after(1, b.id)).await;
    assert_eq!((page.items.as_slice(), page.has_more), (&[a.clone()][..], false));
    assert_eq!(list(true, first(9)).await.items, [c]);
    let mut transaction = backend.store.begin().await.expect("begin");
    assert_eq!(transaction.open_tool_changes(one.id(), server.id).await.expect("open"), [a, b]);
}

/// The first look counts.
pub async fn change_reviewed_twice_is_stale(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let change = change(&server, "a");
    let review = Review { by: one.owner.id.to_string(), at: at(9) };
    written!(backend, put_tool_change(&change), review_tool_change(one.id(), server.id, change.id, &review));
    assert_stale!(refused!(backend, review_tool_change(one.id(), server.id, change.id, &review)));
}

/// Neither another account's nor one of another server.
pub async fn change_of_another_account_is_neither_read_nor_written(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let change = change(&server, "a");
    let review = Review { by: other.owner.id.to_string(), at: at(9) };
    written!(backend, put_tool_change(&change));
    assert_eq!(backend.store.get_tool_change(other.id(), server.id, change.id).await.expect("get"), None);
    let found = backend.store.list_tool_changes(other.id(), server.id, false, first(9)).await.expect("list");
    assert!(found.items.is_empty());
    assert_not_found!(refused!(backend, review_tool_change(other.id(), server.id, change.id, &review)));
    assert_not_found!(refused!(backend, delete_tool_change(other.id(), server.id, change.id)));
    let strange = ToolChange { id: ToolChangeId::generate(), account_id: other.id(), ..change.clone() };
    assert_not_found!(refused!(backend, put_tool_change(&strange)));
    assert_eq!(backend.store.get_tool_change(one.id(), server.id, change.id).await.expect("get"), Some(change));
}
