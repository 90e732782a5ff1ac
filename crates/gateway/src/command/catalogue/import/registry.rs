//! The public registry: pages of `server.json`, from its API or from files.

use anyhow::{Context as _, bail};
use chrono::{SecondsFormat, Utc};
use ostiary_egress::ControlClient;
use serde_json::Value;
use url::Url;

use super::entry::Entry;
use super::writer::Writer;

/// Servers on a page.
const PAGE: &str = "100";
/// Pages of one import; a registry that goes round in circles ends there.
const PAGES_MAX: usize = 100_000;
/// Before the text of a cursor that is kept: of a page, or of the time since when changes are wanted.
const CURSOR: &str = "cursor:";
const SINCE: &str = "since:";

/// Reads every page, from where the last import stopped, or what was changed since it was complete.
pub(super) async fn import_url(
    client: &ControlClient,
    source: &str,
    base: &Url,
    writer: &mut Writer,
) -> anyhow::Result<()> {
    let started = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let kept = writer.store().get_catalogue_cursor(source).await?;
    let since = kept.as_deref().and_then(|kept| kept.strip_prefix(SINCE)).map(str::to_owned);
    let mut cursor = kept.as_deref().and_then(|kept| kept.strip_prefix(CURSOR)).map(str::to_owned);
    for _ in 0..PAGES_MAX {
        let mut url = base.clone();
        url.query_pairs_mut().append_pair("limit", PAGE).append_pair("version", "latest");
        if let Some(since) = &since {
            url.query_pairs_mut().append_pair("updated_since", since);
        }
        if let Some(cursor) = &cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let answer = client.get(&url).await?;
        if !answer.status.is_success() {
            bail!("the registry answers with HTTP {}", answer.status.as_u16());
        }
        let page: Value = serde_json::from_slice(&answer.body).context("the registry's page is not JSON")?;
        import_page(source, &page, writer).await?;
        cursor = next_cursor(&page);
        // With the servers of the page, so that neither is there without the other.
        let goes_on = cursor.as_ref().filter(|_| since.is_none()).map(|cursor| format!("{CURSOR}{cursor}"));
        match (&cursor, goes_on) {
            (None, _) => {
                return writer.flush(Some((source, Some(&format!("{SINCE}{started}"))))).await;
            }
            (Some(_), Some(goes_on)) => writer.flush(Some((source, Some(&goes_on)))).await?,
            // What changed since is read again from its beginning: it is short.
            (Some(_), None) => writer.flush(None).await?,
        }
    }
    bail!("the registry's list does not end")
}

/// The servers of one page.
pub(super) async fn import_page(source: &str, page: &Value, writer: &mut Writer) -> anyhow::Result<()> {
    let Some(servers) = page.get("servers").and_then(Value::as_array) else {
        writer.skip(source, "no registry page: it has no `servers`");
        return Ok(());
    };
    for item in servers {
        let name = item.pointer("/server/name").or(item.get("name")).and_then(Value::as_str).unwrap_or("a server");
        match read(item) {
            Ok(Read::Server(entry)) => writer.put(entry).await?,
            Ok(Read::Removed(key)) => writer.remove(&key).await?,
            Err(reason) => writer.skip(name, reason),
        }
    }
    Ok(())
}

fn next_cursor(page: &Value) -> Option<String> {
    let cursor = ["/metadata/nextCursor", "/metadata/next_cursor"].into_iter().find_map(|at| page.pointer(at));
    cursor.and_then(Value::as_str).filter(|cursor| !cursor.is_empty()).map(str::to_owned)
}

#[derive(Debug, PartialEq)]
enum Read {
    Server(Entry),
    /// The registry has removed the server of this key.
    Removed(String),
}

/// A server of a page, wrapped with its metadata or, as in older pages, bare.
fn read(item: &Value) -> Result<Read, &'static str> {
    let server = item.get("server").unwrap_or(item);
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let official = item.pointer("/_meta/io.modelcontextprotocol.registry~1official");
    if official.and_then(|official| official.get("isLatest")).and_then(Value::as_bool) == Some(false) {
        return Err("not the latest version");
    }
    let package = server.get("packages").and_then(Value::as_array).and_then(|packages| packages.first());
    let remote = server.get("remotes").and_then(Value::as_array).and_then(|remotes| remotes.first());
    let remote = remote.and_then(|remote| text(remote, "url"));
    let identifier = package.and_then(|package| {
        let kind = ["registryType", "registry_type", "registry_name"].into_iter().find_map(|name| text(package, name));
        let identifier = ["identifier", "name"].into_iter().find_map(|name| text(package, name))?;
        Some(format!("{}:{identifier}", kind.unwrap_or_else(|| "package".to_owned())))
    });
    let key = identifier.or_else(|| remote.clone()).ok_or("neither package nor remote")?;
    let status = official.and_then(|official| text(official, "status")).or_else(|| text(server, "status"));
    match status.as_deref() {
        Some("deleted") => return Ok(Read::Removed(key)),
        Some("deprecated") => return Err("deprecated"),
        _ => {}
    }
    let repository = server.get("repository").and_then(|repository| {
        let url = text(repository, "url")?;
        let subfolder = text(repository, "subfolder").map(|subfolder| format!("#{subfolder}"));
        Some(format!("{url}{}", subfolder.unwrap_or_default()))
    });
    Ok(Read::Server(Entry {
        name: text(server, "name").unwrap_or_else(|| key.clone()),
        key,
        description: text(server, "description"),
        version: text(server, "version")
            .or_else(|| server.pointer("/version_detail/version").and_then(Value::as_str).map(str::to_owned)),
        url: remote,
        repository,
        tools: None,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn server_of_a_page_is_known_by_its_package_or_its_remote() {
        let meta = |status: &str, latest: bool| json!({"io.modelcontextprotocol.registry/official": {"status": status, "isLatest": latest}});
        let package = json!({"registryType": "npm", "identifier": "@acme/pay", "version": "1.2.0"});
        let item = json!({"server": {"name": "io.acme/pay", "description": "Pays", "version": "1.2.0", "packages": [package],
            "repository": {"url": "https://example.com/acme/all", "subfolder": "pay"}}, "_meta": meta("active", true)});
        let Ok(Read::Server(entry)) = read(&item) else { panic!("no server") };
        assert_eq!((entry.key.as_str(), entry.version.as_deref()), ("npm:@acme/pay", Some("1.2.0")));
        assert_eq!(entry.repository.as_deref(), Some("https://example.com/acme/all#pay"));
        let hosted =
            json!({"name": "io.acme/mail", "remotes": [{"type": "streamable-http", "url": "https://mcp.acme.io"}]});
        let Ok(Read::Server(entry)) = read(&hosted) else { panic!("no server") };
        assert_eq!(entry.key, "https://mcp.acme.io");
        let deleted = json!({"server": {"name": "x", "packages": [package]}, "_meta": meta("deleted", true)});
        assert_eq!(read(&deleted), Ok(Read::Removed("npm:@acme/pay".to_owned())));
        let old = json!({"server": {"name": "x", "packages": [package]}, "_meta": meta("active", false)});
        assert!(read(&old).is_err());
        assert!(read(&json!({"name": "x", "repository": {"url": "https://example.com/acme/all"}})).is_err());
    }

    #[test]
    fn cursor_is_found_in_both_spellings() {
        for page in [json!({"metadata": {"nextCursor": "a"}}), json!({"metadata": {"next_cursor": "a"}})] {
            assert_eq!(next_cursor(&page).as_deref(), Some("a"));
        }
        assert_eq!(next_cursor(&json!({"metadata": {"nextCursor": ""}})), None);
    }
}
