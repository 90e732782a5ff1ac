//! What was read of a server, made into its inventory.

pub mod compare;

use chrono::{DateTime, Utc};
use ostiary_mcp::canonical::tool_fingerprint;
use ostiary_model::server::InventoryState;
use ostiary_model::{AccountId, AuditAction, AuditActor, AuditEntry, Server, Tool};
use ostiary_storage::{Trail, Transaction, Unrecorded};
use serde_json::Value;

use self::compare::{Comparison, Edits};
use crate::discovery::{Discovered, DiscoveryError};
use crate::error::ApiError;
use crate::ops::{audit, classify, entry};
use crate::state::ApiState;

/// The tools that were read, as an inventory of now. What was accepted before stays accepted:
/// the store keeps that and the first sight of tools it knows.
#[must_use]
pub fn tools(server: &Server, discovered: &Discovered, now: DateTime<Utc>) -> Vec<Tool> {
    let tools = discovered.tools.iter().map(|tool| read_tool(server, &tool.name, &tool.definition, now));
    tools.collect()
}

fn read_tool(server: &Server, name: &str, definition: &Value, now: DateTime<Utc>) -> Tool {
    let fingerprint = tool_fingerprint(definition);
    let (category, risk) = classify::classify(server.name.as_str(), definition);
    Tool {
        server_id: server.id,
        name: name.to_owned(),
        definition: definition.clone(),
        fingerprint,
        accepted_fingerprint: fingerprint,
        computed_category: category,
        computed_risk: risk,
        overridden: None,
        first_seen_at: now,
        last_seen_at: now,
        gone_at: None,
    }
}

/// Writes what was read of a server that is stored: the inventory, what is different to what was accepted, and what the
/// server says of itself. Answers how the inventory changed, for the audit events.
///
/// # Errors
///
/// As the store.
pub async fn write(
    transaction: &mut dyn Transaction,
    server: &Server,
    discovered: &Discovered,
    now: DateTime<Utc>,
) -> Result<Option<Value>, ApiError> {
    let (account_id, id) = (server.account_id, server.id);
    let seen = tools(server, discovered, now);
    let known = transaction.lock_tools(account_id, id).await?;
    let open = transaction.open_tool_changes(account_id, id).await?;
    let comparison =
        Comparison { account_id, server_id: id, known: &known, open: &open, seen: &seen, is_complete: true, now };
    let edits = comparison.edits();
    let is_known = server.inventory.read_at.is_some();
    let instructions = (server.identity.instructions.as_deref(), discovered.identity.instructions.as_deref());
    let of_instructions = comparison.instructions(instructions.0, instructions.1);
    transaction.replace_tools(account_id, id, &seen, now).await?;
    if is_known {
        write_edits(transaction, server, edits).await?;
        write_edits(transaction, server, of_instructions).await?;
    }
    entry::write(transaction, server, discovered, now).await?;
    let lists = entry::states(&server.inventory.lists, discovered, now);
    let inventory = InventoryState { read_at: Some(now), error: None, lists };
    transaction.update_server_inventory(account_id, id, &discovered.identity, &inventory).await?;
    let present: Vec<Tool> = known.into_iter().filter(|tool| tool.gone_at.is_none()).collect();
    Ok(audit::inventory(&present, &seen))
}

async fn write_edits(transaction: &mut dyn Transaction, server: &Server, edits: Edits) -> Result<(), ApiError> {
    for id in edits.delete {
        transaction.delete_tool_change(server.account_id, server.id, id).await?;
    }
    for change in edits.put {
        transaction.put_tool_change(&change).await?;
    }
    Ok(())
}

/// Takes definitions from a list that passed on its way to an agent: tools that are new or changed are kept at once, with
/// the change. `server` is the one that was asked; when it was pointed elsewhere meanwhile, nothing is changed.
///
/// # Errors
///
/// As the store.
pub async fn observe(state: &ApiState, server: &Server, definitions: &[Value]) -> Result<(), ApiError> {
    let (account_id, id) = (server.account_id, server.id);
    let Some(stored) = state.store.get_server(account_id, id).await? else { return Ok(()) };
    if stored.url != server.url || stored.auth != server.auth {
        return Ok(());
    }
    let now = state.clock.now();
    let named = definitions.iter().filter_map(|definition| {
        let name = definition.get("name").and_then(Value::as_str).filter(|name| is_name(name))?;
        Some(read_tool(&stored, name, definition, now))
    });
    let seen: Vec<Tool> = named.collect();
    let mut transaction = state.begin().await?;
    let known = transaction.lock_tools(account_id, id).await?;
    let open = transaction.open_tool_changes(account_id, id).await?;
    let present = known.iter().filter(|tool| tool.gone_at.is_none()).count();
    let seen: Vec<Tool> = seen
        .into_iter()
        .filter(|tool| {
            known
                .iter()
                .find(|known| known.name == tool.name)
                .is_none_or(|known| known.gone_at.is_some() || known.fingerprint != tool.fingerprint)
        })
        .take(TOOLS_MAX.saturating_sub(present))
        .collect();
    // Another process has seen it first.
    if seen.is_empty() {
        return Ok(());
    }
    let comparison =
        Comparison { account_id, server_id: id, known: &known, open: &open, seen: &seen, is_complete: false, now };
    let edits = comparison.edits();
    transaction.put_tools(account_id, id, &seen).await?;
    write_edits(&mut *transaction, &stored, edits).await?;
    let of_seen = |tool: &Tool| tool.gone_at.is_none() && seen.iter().any(|seen| seen.name == tool.name);
    let before: Vec<Tool> = known.into_iter().filter(of_seen).collect();
    let change = audit::inventory(&before, &seen);
    let trail = trail(&stored, AuditActor::system("inventory"), now, change);
    state.commit(transaction, account_id, trail).await
}

/// Most tools of one inventory.
const TOOLS_MAX: usize = 10_000;

/// Whether a name is one that a reading of the inventory would take.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 256
}

/// The audit events of a change of an inventory.
fn trail(server: &Server, actor: AuditActor, now: DateTime<Utc>, change: Option<Value>) -> Trail {
    let Some(change) = change else { return Unrecorded::NothingChanged.into() };
    AuditEntry::new(server.account_id, now, actor, AuditAction::InventoryChanged, server.id).after(&change).into()
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
            let totals = state.store.list_server_totals(account_id, &[server.id]).await?;
            if totals.iter().all(|totals| totals.tools == 0) {
                Ok(discovered)
            } else {
                Err("the server lists no tools any more".to_owned())
            }
        }
        read => read,
    };
    // Reading takes seconds. Whoever gave the server another address or other credentials meanwhile has read it
    // there, and the tools of another server must not take that one's place.
    let stored = state.store.get_server(account_id, server.id).await?.ok_or(ApiError::NotFound)?;
    if stored.url != server.url || stored.auth != server.auth {
        return Ok(());
    }
    let mut transaction = state.begin().await?;
    let trail = match read {
        Ok(discovered) => {
            let now = state.clock.now();
            let discovered = entry::without_losses(discovered, &stored.inventory.lists);
            let change = write(&mut *transaction, &stored, &discovered, now).await?;
            trail(&stored, actor, now, change)
        }
        Err(error) => {
            let inventory = InventoryState { error: Some(error), ..stored.inventory.clone() };
            transaction.update_server_inventory(account_id, server.id, &stored.identity, &inventory).await?;
            Unrecorded::NothingChanged.into()
        }
    };
    state.commit(transaction, account_id, trail).await
}

/// Code and text of a failure, as the server shows it.
fn describe(error: &DiscoveryError) -> String {
    format!("{}: {error}", error.code())
}
