//! Cases of the catalogue.

use ostiary_model::catalogue::{CatalogueServer, CatalogueTool};
use ostiary_model::tool::{Category, Risk};
use serde_json::json;

use super::Backend;
use super::fixture::{after, at, first, hash};
use crate::CatalogueFilter;

fn server(slug: &str, description: &str) -> CatalogueServer {
    CatalogueServer {
        slug: slug.to_owned(),
        key: format!("npm:@acme/{slug}"),
        name: slug.to_owned(),
        description: Some(description.to_owned()),
        version: Some("1.0.0".to_owned()),
        url: None,
        repository: None,
        scanned_at: Some(at(1)),
        imported_at: at(2),
        hash: hash(1),
    }
}

fn tool(name: &str, description: &str, category: Category) -> CatalogueTool {
    CatalogueTool {
        name: name.to_owned(),
        definition: json!({ "name": name, "description": description }),
        category,
        risk: Risk::Medium,
        tokens: 12,
        findings: Vec::new(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

async fn hits(backend: &Backend, text: &str, category: Option<Category>) -> Vec<String> {
    let filter = CatalogueFilter { words: words(text), category, has_findings: false };
    let page = backend.store.search_catalogue_tools(&filter, first(9)).await.expect("search");
    page.items.into_iter().map(|hit| hit.name).collect()
}

/// An import of the same server takes the place of the one before.
pub async fn catalogue_server_put_twice_is_replaced_with_its_tools(backend: &Backend) {
    let (mut pay, tools) = (server("pay", "Pays"), [tool("create_refund", "Refund it", Category::Financial)]);
    written!(backend, put_catalogue_server(&pay, &tools));
    assert_eq!(backend.store.get_catalogue_server("pay").await.expect("get"), Some(pay.clone()));
    assert_eq!(backend.store.find_catalogue_server(&pay.key).await.expect("find"), Some(pay.clone()));
    assert_eq!(backend.store.list_catalogue_tools("pay").await.expect("list"), tools);
    pay.description = None;
    pay.hash = hash(2);
    let other = [tool("get_refund", "Get it", Category::Read)];
    written!(backend, put_catalogue_server(&pay, &other));
    assert_eq!(backend.store.list_catalogue_tools("pay").await.expect("list"), other);
    assert_eq!(backend.store.get_catalogue_tool("pay", "create_refund").await.expect("get"), None);
    assert!(hits(backend, "create", None).await.is_empty(), "what is gone is not found");
    let mut transaction = backend.store.begin().await.expect("begin");
    assert!(transaction.delete_catalogue_server(&pay.key).await.expect("delete"));
    assert!(!transaction.delete_catalogue_server(&pay.key).await.expect("delete"));
}

/// By words in any order, by their beginnings, and by category.
pub async fn catalogue_tools_are_found_by_words_and_category(backend: &Backend) {
    let tools = [
        tool("create_session", "Create a Checkout session", Category::Execute),
        tool("list_sessions", "Lists sessões abertas", Category::Read),
    ];
    written!(
        backend,
        put_catalogue_server(&server("pay", "Pays"), &tools),
        put_catalogue_server(&server("mail", "Mails"), &[tool("send_mail", "Send it", Category::Write)])
    );
    assert_eq!(hits(backend, "", None).await, ["create_session", "list_sessions", "send_mail"]);
    assert_eq!(hits(backend, "session", None).await, ["create_session", "list_sessions"]);
    assert_eq!(hits(backend, "checkout sess", None).await, ["create_session"]);
    assert_eq!(hits(backend, "session", Some(Category::Read)).await, ["list_sessions"]);
    assert_eq!(hits(backend, "SESSÕES", None).await, ["list_sessions"], "whatever the case, with accents or without");
    assert_eq!(hits(backend, "sessoes", None).await, ["list_sessions"]);
    assert!(hits(backend, "execute", None).await.is_empty(), "the category is no word of a tool");
    assert_eq!(hits(backend, "", Some(Category::Write)).await, ["send_mail"]);
    assert!(hits(backend, "nothing", None).await.is_empty());
    assert_eq!(hits(backend, "\"' OR & | ! :* (", None).await, Vec::<String>::new());
    let filter = CatalogueFilter::default();
    let one = backend.store.search_catalogue_tools(&filter, first(1)).await.expect("search");
    assert!(one.has_more);
    let next = after(9, one.items.first().expect("one").position);
    assert_eq!(backend.store.search_catalogue_tools(&filter, next).await.expect("search").items.len(), 2);
}

/// With something wrong in their definitions.
pub async fn catalogue_tools_are_found_by_their_findings(backend: &Backend) {
    let mut poisoned = tool("add_numbers", "Adds", Category::Read);
    poisoned.findings = vec!["encoded_blob".to_owned(), "hidden_instruction".to_owned()];
    let tools = [poisoned.clone(), tool("get_sum", "Adds up", Category::Read)];
    written!(backend, put_catalogue_server(&server("sums", "Counts"), &tools));
    let found = async |text: &str, category| {
        let filter = CatalogueFilter { words: words(text), category, has_findings: true };
        let page = backend.store.search_catalogue_tools(&filter, first(9)).await.expect("search");
        page.items.into_iter().map(|hit| (hit.name, hit.findings)).collect::<Vec<_>>()
    };
    let expected = [(poisoned.name.clone(), poisoned.findings.clone())];
    assert_eq!(found("", None).await, expected);
    assert_eq!(found("add", None).await, expected);
    assert_eq!(found("", Some(Category::Read)).await, expected);
    assert!(found("", Some(Category::Write)).await.is_empty() && found("sum", None).await.is_empty());
    assert_eq!(backend.store.get_catalogue_tool("sums", "add_numbers").await.expect("get"), Some(poisoned));
}

/// Those that share most names of tools come first, without the server itself.
pub async fn catalogue_servers_with_the_same_tools_are_similar(backend: &Backend) {
    let tools = |names: &[&str]| names.iter().map(|name| tool(name, "x", Category::Read)).collect::<Vec<_>>();
    written!(
        backend,
        put_catalogue_server(&server("one", "x"), &tools(&["read_mail", "send_mail", "list_mail"])),
        put_catalogue_server(&server("two", "x"), &tools(&["read_mail"])),
        put_catalogue_server(&server("three", "x"), &tools(&["read_mail", "send_mail"])),
        put_catalogue_server(&server("four", "x"), &tools(&["get_time"]))
    );
    let names = words("read_mail send_mail list_mail");
    let similar = async |limit| {
        let found = backend.store.list_similar_catalogue_servers("one", &names, limit).await.expect("list");
        found.into_iter().map(|server| server.slug).collect::<Vec<_>>()
    };
    assert_eq!(similar(9).await, ["three", "two"]);
    assert_eq!(similar(1).await, ["three"]);
    let totals = backend.store.count_catalogue().await.expect("count");
    assert_eq!((totals.servers, totals.tools), (4, 7));
}

/// By slug without words, in the order of the import with them, in pages.
pub async fn catalogue_servers_are_listed_in_pages_and_by_words(backend: &Backend) {
    written!(
        backend,
        put_catalogue_server(&server("b", "Sends mail"), &[]),
        put_catalogue_server(&server("a", "Pays bills"), &[]),
        put_catalogue_server(&server("c", "Mails bills"), &[])
    );
    let list = async |text: &str, page| {
        let page = backend.store.list_catalogue_servers(&words(text), page).await.expect("list");
        (page.items.into_iter().map(|server| server.slug).collect::<Vec<_>>(), page.has_more)
    };
    assert_eq!(list("", first(2)).await, (vec!["a".to_owned(), "b".to_owned()], true));
    assert_eq!(list("", after(2, "b".to_owned())).await, (vec!["c".to_owned()], false));
    assert_eq!(list("bills", first(9)).await.0, ["a", "c"]);
    assert_eq!(list("bills", first(1)).await, (vec!["a".to_owned()], true));
    assert_eq!(list("bills", after(9, "a".to_owned())).await, (vec!["c".to_owned()], false));
    written!(backend, put_catalogue_server(&server("a", "Reads"), &[]));
    assert_eq!(list("bills", first(9)).await.0, ["c"]);
    assert_eq!(list("reads", first(9)).await.0, ["a"]);
    assert_eq!(list("mail bill", first(9)).await.0, ["c"]);
}

/// An import goes on where it was.
pub async fn catalogue_cursor_is_kept_until_the_import_is_complete(backend: &Backend) {
    let get = async || backend.store.get_catalogue_cursor("registry").await.expect("get");
    assert_eq!(get().await, None);
    written!(backend, put_catalogue_cursor("registry", Some("a")), put_catalogue_cursor("registry", Some("b")));
    assert_eq!(get().await.as_deref(), Some("b"));
    written!(backend, put_catalogue_cursor("registry", None));
    assert_eq!(get().await, None);
}
