//! `POST /servers/{id}/changes/{change_id}/accept`

use axum::extract::State;
use ostiary_mcp::canonical::tool_fingerprint;
use ostiary_model::tool_change::{Review, ToolChangeKind};
use ostiary_model::{AuditAction, AuditObject, ServerId, Tool, ToolChangeId};
use serde_json::json;

use crate::dto::tool_change::{AcceptToolChangeRequest, ToolChange};
use crate::error::ApiError;
use crate::extract::{Json, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::tool_change::{present, tool_change};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::state::ApiState;

/// Accepts a change: calls of the tool go on under the policy. `fingerprint` says what was looked at: when the tool
/// changed again since, or the change was accepted before, the answer is 412.
#[utoipa::path(
    post,
    path = "/servers/{id}/changes/{change_id}/accept",
    operation_id = "accept_tool_change",
    tag = "servers",
    params(
        ("id" = String, Path, description = "The server."),
        ("change_id" = String, Path, description = "The change.")
    ),
    request_body = AcceptToolChangeRequest,
    responses(
        (status = 200, description = "The change.", body = ToolChange),
        Body, GuardedChange, Missing, Stale, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path((id, change_id)): Path<(ServerId, ToolChangeId)>,
    Json(request): Json<AcceptToolChangeRequest>,
) -> Result<axum::Json<ToolChange>, ApiError> {
    let account_id = current.account_id();
    state.store.get_tool_change(account_id, id, change_id).await?.ok_or(ApiError::NotFound)?;
    let mut transaction = state.begin().await?;
    let tools = transaction.lock_tools(account_id, id).await?;
    let open = transaction.open_tool_changes(account_id, id).await?;
    let change = open.into_iter().find(|change| change.id == change_id).ok_or(ApiError::StaleVersion)?;
    if present(&change) != request.fingerprint {
        return Err(ApiError::StaleVersion);
    }
    let object = match change.kind {
        ToolChangeKind::Instructions => AuditObject::from(id),
        _ => AuditObject::tool(id, &change.tool),
    };
    let mut event = current.event(&state, AuditAction::ChangeAccepted, object).after(&json!({ "kind": change.kind }));
    if let (Some(after), true) = (&change.after, change.kind != ToolChangeKind::Instructions) {
        let fingerprint = tool_fingerprint(after);
        if let Some(tool) = tools.iter().find(|tool| tool.name == change.tool && !tool.is_accepted()) {
            transaction.accept_tool(account_id, id, &change.tool, &fingerprint).await?;
            let accepted = Tool { accepted_fingerprint: fingerprint, ..tool.clone() };
            event.action = AuditAction::ToolAccepted;
            event = event.before(&audit::tool(tool)).after(&audit::tool(&accepted));
        }
    }
    let review = Review { by: current.actor.id(), at: state.clock.now() };
    transaction.review_tool_change(account_id, id, change_id, &review).await?;
    state.commit(transaction, account_id, event).await?;
    let found = state.store.get_tool_change(account_id, id, change_id).await?.ok_or(ApiError::NotFound)?;
    Ok(axum::Json(tool_change(found)))
}
