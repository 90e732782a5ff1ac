//! Changes of inventories, as they go over the wire.

use chrono::{DateTime, Utc};
use ostiary_mcp::canonical::fingerprint;
use ostiary_model::tool_change::{Review, ToolChangeKind};
use ostiary_model::{AccountId, ServerId, ToolChange};
use ostiary_storage::Transaction;
use serde_json::Value;

use crate::dto::tool_change::ToolChange as ToolChangeDto;
use crate::error::ApiError;
use crate::ops::diff::diff;
use crate::ops::tool::hex;

/// A change.
#[must_use]
pub fn tool_change(change: ToolChange) -> ToolChangeDto {
    let nothing = Value::Null;
    let differences = match (&change.before, &change.after) {
        (Some(before), Some(after)) => diff(before, after),
        (before, after) => diff(before.as_ref().unwrap_or(&nothing), after.as_ref().unwrap_or(&nothing)),
    };
    ToolChangeDto {
        id: change.id,
        kind: change.kind,
        fingerprint: present(&change),
        differences,
        category_raised: change.is_category_raised(),
        tool: (change.kind != ToolChangeKind::Instructions).then_some(change.tool),
        previous_name: change.previous_name,
        before: change.before,
        after: change.after,
        category_before: change.category_before,
        category_after: change.category_after,
        detected_at: change.detected_at,
        accepted_at: change.review.as_ref().map(|review| review.at),
        accepted_by: change.review.map(|review| review.by),
    }
}

/// The fingerprint of the present side.
#[must_use]
pub fn present(change: &ToolChange) -> String {
    hex(&fingerprint(change.after.as_ref().unwrap_or(&Value::Null)))
}

/// Notes that a person has seen what changed of a tool, if anything is open.
///
/// # Errors
///
/// As the store.
pub async fn review_of_tool(
    transaction: &mut dyn Transaction,
    (account_id, server_id): (AccountId, ServerId),
    tool: &str,
    by: String,
    at: DateTime<Utc>,
) -> Result<(), ApiError> {
    let open = transaction.open_tool_changes(account_id, server_id).await?;
    let of_tool = open.iter().find(|change| change.kind != ToolChangeKind::Instructions && change.tool == tool);
    if let Some(change) = of_tool {
        transaction.review_tool_change(account_id, server_id, change.id, &Review { by, at }).await?;
    }
    Ok(())
}
