//! What a server offers beside its tools: kept as it was read, and as it goes over the wire.

use chrono::{DateTime, Utc};
use ostiary_model::entry::{EntryKind, InventoryEntry, ListState, ListStates};
use ostiary_model::{Server, ServerId};
use ostiary_storage::Transaction;
use serde_json::Value;

use crate::discovery::{Discovered, DiscoveredEntry, DiscoveryError, ListReading};
use crate::dto::entry::{ServerPrompt, ServerResource, ServerResourceTemplate};
use crate::dto::server::InventoryList;
use crate::error::ApiError;

/// The states of a server's lists after a reading: a list that could not be read keeps its entries, and is stale.
#[must_use]
pub fn states(before: &ListStates, discovered: &Discovered, now: DateTime<Utc>) -> ListStates {
    let mut states = before.clone();
    for (kind, reading) in &discovered.lists {
        match reading {
            ListReading::NotOffered => {
                states.remove(kind);
            }
            ListReading::Read(entries) => {
                let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                states.insert(*kind, ListState { count, read_at: Some(now), error: None });
            }
            ListReading::Failed(error) => {
                states.entry(*kind).or_default().error = Some(format!("{}: {error}", error.code()));
            }
        }
    }
    states
}

/// A reading that weakens nothing: a list that is empty all of a sudden, or gone, is more likely a fault of the server than
/// its intention.
#[must_use]
pub fn without_losses(mut discovered: Discovered, before: &ListStates) -> Discovered {
    for (kind, reading) in &mut discovered.lists {
        let is_empty = match reading {
            ListReading::NotOffered => true,
            ListReading::Read(entries) => entries.is_empty(),
            ListReading::Failed(_) => false,
        };
        if is_empty && before.get(kind).is_some_and(|state| state.count > 0) {
            *reading = ListReading::Failed(DiscoveryError::Garbage { reason: "it lists none any more" });
        }
    }
    discovered
}

/// Writes the entries of lists that were read.
///
/// # Errors
///
/// As the store.
pub async fn write(
    transaction: &mut dyn Transaction,
    server: &Server,
    discovered: &Discovered,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    for (kind, reading) in &discovered.lists {
        let found: &[DiscoveredEntry] = match reading {
            ListReading::Read(entries) => entries,
            ListReading::NotOffered => &[],
            ListReading::Failed(_) => continue,
        };
        let entries: Vec<InventoryEntry> = found.iter().map(|found| entry(server.id, *kind, found, now)).collect();
        transaction.replace_entries(server.account_id, server.id, *kind, &entries).await?;
    }
    Ok(())
}

fn entry(server_id: ServerId, kind: EntryKind, found: &DiscoveredEntry, now: DateTime<Utc>) -> InventoryEntry {
    InventoryEntry {
        server_id,
        kind,
        key: found.key.clone(),
        definition: found.definition.clone(),
        first_seen_at: now,
        last_seen_at: now,
    }
}

/// Forgets what another server offered at the same place.
///
/// # Errors
///
/// As the store.
pub async fn forget(transaction: &mut dyn Transaction, server: &mut Server) -> Result<(), ApiError> {
    for kind in EntryKind::ALL {
        transaction.replace_entries(server.account_id, server.id, *kind, &[]).await?;
    }
    server.inventory.lists.clear();
    Ok(())
}

/// A list as a server shows it.
#[must_use]
pub fn list(states: &ListStates, kind: EntryKind) -> InventoryList {
    let state = states.get(&kind).cloned().unwrap_or_default();
    InventoryList { count: state.count, read_at: state.read_at, stale: state.error.is_some(), error: state.error }
}

fn text(definition: &Value, member: &str) -> Option<String> {
    definition.get(member).and_then(Value::as_str).map(str::to_owned)
}

/// A resource as it goes over the wire.
#[must_use]
pub fn resource(entry: InventoryEntry) -> ServerResource {
    let definition = entry.definition;
    ServerResource {
        uri: entry.key,
        name: text(&definition, "name"),
        title: text(&definition, "title"),
        description: text(&definition, "description"),
        mime_type: text(&definition, "mimeType"),
        first_seen_at: entry.first_seen_at,
        last_seen_at: entry.last_seen_at,
        definition,
    }
}

/// A template of resources as it goes over the wire.
#[must_use]
pub fn resource_template(entry: InventoryEntry) -> ServerResourceTemplate {
    let definition = entry.definition;
    ServerResourceTemplate {
        uri_template: entry.key,
        name: text(&definition, "name"),
        title: text(&definition, "title"),
        description: text(&definition, "description"),
        mime_type: text(&definition, "mimeType"),
        first_seen_at: entry.first_seen_at,
        last_seen_at: entry.last_seen_at,
        definition,
    }
}

/// A prompt as it goes over the wire.
#[must_use]
pub fn prompt(entry: InventoryEntry) -> ServerPrompt {
    let definition = entry.definition;
    ServerPrompt {
        name: entry.key,
        title: text(&definition, "title"),
        description: text(&definition, "description"),
        first_seen_at: entry.first_seen_at,
        last_seen_at: entry.last_seen_at,
        definition,
    }
}
