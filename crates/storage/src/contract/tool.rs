//! Cases of tools.

use ostiary_model::tool::{Category, Override, Risk};

use super::Backend;
use super::fixture::{Tenant, after, at, first, hash, tool};

/// The inventory is what was read last, in the order of names.
pub async fn tools_replaced_are_listed_by_name(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let (a, b, c) = (tool(&server, "a", 1, at(0)), tool(&server, "b", 2, at(0)), tool(&server, "c", 3, at(0)));
    written!(backend, replace_tools(one.id(), server.id, &[c.clone(), a.clone(), b.clone()], at(9)));
    let page = backend.store.list_tools(one.id(), server.id, first(2)).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[a.clone(), b.clone()][..], true));
    let page = backend.store.list_tools(one.id(), server.id, after(2, "b".to_owned())).await.expect("list");
    assert_eq!((page.items.as_slice(), page.has_more), (&[c.clone()][..], false));
    assert_eq!(backend.store.list_all_tools(one.id(), server.id).await.expect("list"), [a, b.clone(), c]);
    assert_eq!(backend.store.get_tool(one.id(), server.id, "b").await.expect("get"), Some(b));
    assert_eq!(backend.store.get_tool(one.id(), server.id, "B").await.expect("get"), None);
}

/// A changed definition is not accepted by being read.
pub async fn tools_replaced_keep_what_was_first_seen_and_accepted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    written!(backend, replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(9)));
    let mut read = tool(&server, "a", 2, at(60));
    read.computed_category = Category::Financial;
    read.computed_risk = Risk::Critical;
    written!(backend, replace_tools(one.id(), server.id, &[read.clone()], at(9)));
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert!(!found.is_accepted());
    read.first_seen_at = at(0);
    read.accepted_fingerprint = hash(1);
    assert_eq!(found, read);
}

/// What is not offered any more is gone, up to the last tool.
pub async fn tools_not_in_the_new_list_are_removed(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let (server, neighbour) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let (a, b) = (tool(&server, "a", 1, at(0)), tool(&server, "b", 2, at(0)));
    written!(
        backend,
        replace_tools(one.id(), server.id, &[a, b.clone()], at(9)),
        replace_tools(one.id(), neighbour.id, &[tool(&neighbour, "a", 1, at(0))], at(9)),
        replace_tools(one.id(), server.id, std::slice::from_ref(&b), at(9))
    );
    assert_eq!(backend.store.list_all_tools(one.id(), server.id).await.expect("list"), [b]);
    written!(backend, replace_tools(one.id(), server.id, &[], at(9)));
    assert!(backend.store.list_all_tools(one.id(), server.id).await.expect("list").is_empty());
    assert_eq!(backend.store.list_all_tools(one.id(), neighbour.id).await.expect("list").len(), 1);
}

/// Neither another account's server nor none.
pub async fn tools_of_a_strange_server_are_not_found(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let a = tool(&server, "a", 1, at(0));
    written!(backend, replace_tools(one.id(), server.id, std::slice::from_ref(&a), at(9)));
    assert_not_found!(refused!(backend, replace_tools(other.id(), server.id, &[], at(9))));
    assert_not_found!(refused!(backend, accept_tool(other.id(), server.id, "a", &hash(1))));
    assert_eq!(backend.store.get_tool(other.id(), server.id, "a").await.expect("get"), None);
    assert!(backend.store.list_all_tools(other.id(), server.id).await.expect("list").is_empty());
    assert!(backend.store.list_tools(other.id(), server.id, first(9)).await.expect("list").items.is_empty());
    assert_eq!(backend.store.list_all_tools(one.id(), server.id).await.expect("list"), [a]);
}

/// Names are the upstream's: case, blanks and quotes tell them apart.
pub async fn tools_with_odd_names_are_kept_apart(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let mut names = ["Pay", "pay", "pay ", "p'ay", "p%", "påy", "pa\u{30a}y", ""];
    names.sort_unstable();
    let tools: Vec<_> = names.iter().map(|name| tool(&server, name, 1, at(0))).collect();
    written!(backend, replace_tools(one.id(), server.id, &tools, at(9)));
    assert_eq!(backend.store.list_all_tools(one.id(), server.id).await.expect("list"), tools);
}

/// From then on it may be called again.
pub async fn tool_accepted_is_accepted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    written!(
        backend,
        replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(9)),
        replace_tools(one.id(), server.id, &[tool(&server, "a", 2, at(1))], at(9)),
        accept_tool(one.id(), server.id, "a", &hash(2))
    );
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert!(found.is_accepted());
    assert_not_found!(refused!(backend, accept_tool(one.id(), server.id, "b", &hash(2))));
}

/// Nobody accepts what they did not see.
pub async fn tool_changed_meanwhile_is_not_accepted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    written!(
        backend,
        replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(9)),
        replace_tools(one.id(), server.id, &[tool(&server, "a", 3, at(2))], at(9))
    );
    assert_stale!(refused!(backend, accept_tool(one.id(), server.id, "a", &hash(2))));
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert_eq!(found.accepted_fingerprint, hash(1));
}

/// What comes back is not accepted but as it was.
pub async fn tool_gone_is_remembered_with_what_was_accepted(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let lock = async || {
        let mut transaction = backend.store.begin().await.expect("begin");
        transaction.lock_tools(one.id(), server.id).await.expect("lock")
    };
    written!(
        backend,
        replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(0)),
        replace_tools(one.id(), server.id, &[], at(5))
    );
    assert_eq!(backend.store.get_tool(one.id(), server.id, "a").await.expect("get"), None);
    assert_not_found!(refused!(backend, accept_tool(one.id(), server.id, "a", &hash(1))));
    assert_eq!(lock().await.first().and_then(|tool| tool.gone_at), Some(at(5)));
    written!(backend, replace_tools(one.id(), server.id, &[tool(&server, "a", 2, at(9))], at(9)));
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert_eq!((found.is_accepted(), found.gone_at, found.first_seen_at), (false, None, at(0)));
}

/// An answer that holds a part of the list says nothing of the rest.
pub async fn tools_put_leave_the_others(backend: &Backend) {
    let one = Tenant::create(backend, "one").await;
    let server = one.create_server(backend, "pay").await;
    let (a, b) = (tool(&server, "a", 1, at(0)), tool(&server, "b", 2, at(0)));
    written!(
        backend,
        replace_tools(one.id(), server.id, std::slice::from_ref(&a), at(0)),
        put_tools(one.id(), server.id, std::slice::from_ref(&b))
    );
    assert_eq!(backend.store.list_all_tools(one.id(), server.id).await.expect("list"), [a, b]);
}

/// A person's word outlasts the server's.
pub async fn tool_overridden_stays_so_when_it_is_read_again(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let server = one.create_server(backend, "pay").await;
    let overridden =
        Override { category: Some(Category::Financial), risk: None, by: one.owner.id.to_string(), at: at(3) };
    written!(
        backend,
        replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(0)),
        override_tool(one.id(), server.id, "a", Some(&overridden)),
        replace_tools(one.id(), server.id, &[tool(&server, "a", 2, at(9))], at(9))
    );
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert_eq!(found.overridden, Some(overridden.clone()));
    assert_eq!((found.category(), found.risk()), (Category::Financial, Risk::Critical));
    assert_not_found!(refused!(backend, override_tool(other.id(), server.id, "a", Some(&overridden))));
    assert_not_found!(refused!(backend, override_tool(one.id(), server.id, "b", None)));
    written!(backend, override_tool(one.id(), server.id, "a", None));
    let found = backend.store.get_tool(one.id(), server.id, "a").await.expect("get").expect("a tool");
    assert_eq!((found.overridden, found.computed_category), (None, Category::Write));
}

/// What an agent may see beside a server's own tools; nothing of another account.
pub async fn foreign_tool_names_are_those_of_the_other_servers(backend: &Backend) {
    let (one, other) = (Tenant::create(backend, "one").await, Tenant::create(backend, "other").await);
    let (server, neighbour) = (one.create_server(backend, "pay").await, one.create_server(backend, "mail").await);
    let strange = other.create_server(backend, "pay").await;
    written!(
        backend,
        replace_tools(one.id(), server.id, &[tool(&server, "a", 1, at(0))], at(0)),
        replace_tools(
            one.id(),
            neighbour.id,
            &[tool(&neighbour, "b", 1, at(0)), tool(&neighbour, "c", 1, at(0))],
            at(0)
        ),
        replace_tools(one.id(), neighbour.id, &[tool(&neighbour, "b", 1, at(0))], at(1)),
        replace_tools(other.id(), strange.id, &[tool(&strange, "d", 1, at(0))], at(0))
    );
    let names = backend.store.list_foreign_tool_names(one.id(), server.id, 9).await.expect("list");
    assert_eq!(names, ["b"]);
}
