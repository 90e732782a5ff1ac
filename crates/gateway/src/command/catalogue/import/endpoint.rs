//! A server that answers somewhere: what it says of itself, now.

use http::HeaderMap;
use ostiary_api::discovery::{DiscoverySettings, McpInventory, ReadInventory as _};
use ostiary_egress::ControlClient;
use url::Url;

use super::entry::Entry;
use super::writer::Writer;

/// Reads its tools as those of a registered server are read, without credentials: what is published is what everybody
/// gets.
pub(super) async fn import(client: ControlClient, source: &str, url: &Url, writer: &mut Writer) -> anyhow::Result<()> {
    let found = McpInventory::new(client, DiscoverySettings::default()).read(url, HeaderMap::new()).await?;
    let host = url.host_str().unwrap_or(source).to_owned();
    let entry = Entry {
        key: source.to_owned(),
        name: found.identity.name.unwrap_or(host),
        version: found.identity.version,
        url: Some(source.to_owned()),
        tools: Some(found.tools.into_iter().map(|tool| tool.definition).collect()),
        ..Entry::default()
    };
    writer.put(entry).await
}
