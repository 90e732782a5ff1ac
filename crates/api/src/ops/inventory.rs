//! What was read of a server, made into its inventory.

use chrono::{DateTime, Utc};
use ostiary_model::server::InventoryState;
use ostiary_model::{AccountId, AuditAction, AuditActor, AuditEntry, Server, Tool};
use ostiary_storage::{Trail, Unrecorded};

use crate::discovery::{Discovered, DiscoveryError};
use crate::error::ApiError;
use crate::ops::{audit, canonical, classify};
use crate::state::ApiState;

/// The tools that were read, as an inventory of now. What was accepted before stays accepted:
/// the store keeps that and the first sight of tools it knows.
#[must_use]
pub fn tools(server: &Server, discovered: &Discovered, now: DateTime<Utc>) -> Vec<Tool> {
    let tools = discovered.tools.iter().map(|tool| {
        let fingerprint = canonical::fingerprint(&tool.definition);
        let (category, risk) = classify::classify(server.name.as_str(), &tool.definition);
        Tool {
            server_id: server.id,
            name: tool.name.clone(),
            definition: tool.definition.clone(),
            fingerprint,
            accepted_fingerprint: fingerprint,
            category,
            risk,
            first_seen_at: now,
            last_seen_at: now,
        }
    });
    tools.collect()
}

/// Reads the inventory of a stored server again, for `actor`. When that fails, the inventory stays as it was
/// and the server says why. When the
/// server was pointed elsewhere meanwhile, nothing is changed.
///
/// # Errors
///
/// When the store fails; a server that does not answer is no error of ours.
pub async fn refresh(
    state: &ApiState,
    account_id: AccountId,
    server: &Server,
    actor: AuditActor,
) -> Result<(), ApiError> {
    let read = match state.credentials.open(server.id, &server.auth) {
        Ok(headers) => state.inventory.read(&server.url, headers).await.map_err(|error| describe(&error)),
        Err(error) => Err(error.to_string()),
    };
    // A scan never weakens anything: a list that is empty all of a sudden is more likely a fault
    // of the server than its intention, and what was accepted would be forgotten.
    let read = match read {
        Ok(discovered) if discovered.tools.is_empty() => {
            let known = state.store.count_tools(account_id, server.id).await?;
            if known == 0 { Ok(discovered) } else { Err("the server lists no tools any more".to_owned()) }
        }
        read => read,
    };
    // Reading takes seconds. Whoever gave the server another address or other credentials meanwhile has read it
    // there, and the tools of another server must not take that one's place.
    let stored = state.store.get_server(account_id, server.id).await?.ok_or(ApiError::NotFound)?;
    if stored.url != server.url || stored.auth != server.auth {
        return Ok(());
    }
    let now = state.clock.now();
    let known = state.store.list_all_tools(account_id, server.id).await?;
    let mut transaction = state.store.begin().await?;
    let trail = match read {
        Ok(discovered) => {
            let inventory = InventoryState { read_at: Some(now), error: None };
            let tools = tools(server, &discovered, now);
            transaction.replace_tools(account_id, server.id, &tools).await?;
            transaction.update_server_inventory(account_id, server.id, &discovered.identity, &inventory).await?;
            match audit::inventory(&known, &tools) {
                Some(change) => {
                    let event = AuditEntry::new(account_id, now, actor, AuditAction::InventoryChanged, server.id);
                    event.after(&change).into()
                }
                None => Trail::from(Unrecorded::NothingChanged),
            }
        }
        Err(error) => {
            let inventory = InventoryState { read_at: server.inventory.read_at, error: Some(error) };
            transaction.update_server_inventory(account_id, server.id, &server.identity, &inventory).await?;
            Unrecorded::NothingChanged.into()
        }
    };
    state.commit(transaction, account_id, trail).await
}

/// Code and text of a failure, as the server shows it.
fn describe(error: &DiscoveryError) -> String {
    format!("{}: {error}", error.code())
}
