//! What servers offer beside their tools.

use http::StatusCode;
use ostiary_api::discovery::{Discovered, DiscoveredEntry, DiscoveryError, ListReading};
use ostiary_model::EntryKind;
use serde_json::{Value, json};

use super::world::{Caller, URL, World, offers};

fn list(key: &str, keys: &[&str]) -> ListReading {
    let entry = |text: &&str| DiscoveredEntry {
        key: (*text).to_owned(),
        definition: json!({key: text, "title": format!("The {text}"), "mimeType": "text/plain"}),
    };
    ListReading::Read(keys.iter().map(entry).collect())
}

fn offering(resources: ListReading, prompts: ListReading) -> Result<Discovered, DiscoveryError> {
    let mut discovered = offers(&["create_session"])?;
    discovered.lists = [
        (EntryKind::Resource, resources),
        (EntryKind::ResourceTemplate, list("uriTemplate", &["note://{day}"])),
        (EntryKind::Prompt, prompts),
    ]
    .into();
    Ok(discovered)
}

async fn keys(ada: &Caller<'_>, path: &str, member: &str) -> Vec<String> {
    let page = ada.get(path).await.expect(StatusCode::OK);
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item[member].as_str().expect("a key").to_owned()).collect()
}

#[tokio::test]
async fn entries_of_a_server_are_shown_in_pages_and_to_nobody_else() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    world.servers.answer(URL, offering(list("uri", &["note://b", "note://a", "note://c"]), list("name", &["greet"])));
    let path = format!("/servers/{}", ada.server().await);
    let inventory = &ada.get(&path).await.expect(StatusCode::OK)["inventory"];
    let count = |name: &str| (inventory[name]["count"].clone(), inventory[name]["stale"].clone());
    assert_eq!(count("resources"), (json!(3), json!(false)));
    assert_eq!(count("resource_templates"), (json!(1), json!(false)));
    assert_eq!(count("prompts"), (json!(1), json!(false)));

    let first = ada.get(&format!("{path}/resources?limit=2")).await.expect(StatusCode::OK);
    assert_eq!((&first["items"][0]["uri"], &first["items"][1]["uri"]), (&json!("note://a"), &json!("note://b")));
    assert_eq!(first["items"][0]["title"], "The note://a");
    assert_eq!(first["items"][0]["mime_type"], "text/plain");
    assert_eq!(first["items"][0]["definition"]["uri"], "note://a");
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let rest = ada.get(&format!("{path}/resources?limit=2&cursor={cursor}")).await.expect(StatusCode::OK);
    assert_eq!((&rest["items"][0]["uri"], &rest["next_cursor"]), (&json!("note://c"), &Value::Null));
    assert_eq!(keys(&ada, &format!("{path}/resource-templates"), "uri_template").await, ["note://{day}"]);
    assert_eq!(keys(&ada, &format!("{path}/prompts"), "name").await, ["greet"]);

    let bob = world.sign_up("b@x.org", "B").await;
    for list in ["resources", "resource-templates", "prompts"] {
        bob.get(&format!("{path}/{list}")).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn list_that_fails_or_empties_keeps_what_was_read_and_is_stale() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    world.servers.answer(URL, offering(list("uri", &["note://a"]), list("name", &["greet"])));
    let path = format!("/servers/{}", ada.server().await);
    let refresh = async |offered| {
        world.servers.answer(URL, offered);
        ada.send("POST", &format!("{path}/refresh"), None, None).await.expect(StatusCode::OK)["inventory"].clone()
    };
    let failures = [ListReading::Failed(DiscoveryError::Timeout), list("uri", &[]), ListReading::NotOffered];
    for failed in failures {
        let inventory = refresh(offering(failed, list("name", &["greet", "part"]))).await;
        assert_eq!((&inventory["stale"], &inventory["prompts"]["count"]), (&json!(false), &json!(2)));
        assert_eq!((&inventory["resources"]["stale"], &inventory["resources"]["count"]), (&json!(true), &json!(1)));
        assert_ne!(inventory["resources"]["error"], Value::Null);
        assert_eq!(keys(&ada, &format!("{path}/resources"), "uri").await, ["note://a"]);
    }
    let inventory = refresh(Err(DiscoveryError::Unreachable)).await;
    assert_eq!((&inventory["stale"], &inventory["prompts"]["count"]), (&json!(true), &json!(2)));
    let inventory = refresh(offering(list("uri", &["note://b"]), list("name", &["greet"]))).await;
    assert_eq!((&inventory["resources"]["stale"], &inventory["resources"]["error"]), (&json!(false), &Value::Null));
    assert_eq!(keys(&ada, &format!("{path}/resources"), "uri").await, ["note://b"]);
}

#[tokio::test]
async fn server_that_is_pointed_elsewhere_offers_what_is_there_and_nothing_of_before() {
    let world = World::new().await;
    let ada = world.sign_up("a@x.org", "A").await;
    world.servers.answer(URL, offering(list("uri", &["note://a"]), list("name", &["greet"])));
    let path = format!("/servers/{}", ada.server().await);
    let other = "https://other.example.com/mcp";
    world.servers.answer(other, offering(ListReading::Failed(DiscoveryError::Timeout), ListReading::NotOffered));
    let server = ada.patch(&path, &json!({"url": other})).await.expect(StatusCode::OK);
    assert_eq!(server["inventory"]["resources"]["count"], 0);
    assert_eq!(server["inventory"]["resources"]["stale"], true);
    assert_eq!(keys(&ada, &format!("{path}/resources"), "uri").await, Vec::<String>::new());
    assert_eq!(keys(&ada, &format!("{path}/prompts"), "name").await, Vec::<String>::new());
}
