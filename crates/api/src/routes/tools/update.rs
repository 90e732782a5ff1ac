//! `PATCH /servers/{id}/tools/{name}`

use axum::extract::State;
use ostiary_model::{AuditAction, AuditObject, ServerId, Tool as StoredTool};

use crate::dto::tool::{Tool, UpdateToolRequest};
use crate::error::ApiError;
use crate::extract::{Json, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::tool::{from_hex, tool};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::state::ApiState;

/// Accepts the definition of a tool that changed. `fingerprint` says which definition was looked
/// at: when the tool changed again since, the answer is 412.
#[utoipa::path(
    patch,
    path = "/servers/{id}/tools/{name}",
    operation_id = "update_tool",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), ("name" = String, Path, description = "The tool.")),
    request_body = UpdateToolRequest,
    responses((status = 200, description = "The tool.", body = Tool), Body, GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path((id, name)): Path<(ServerId, String)>,
    Json(request): Json<UpdateToolRequest>,
) -> Result<axum::Json<Tool>, ApiError> {
    let account_id = current.account_id();
    let fingerprint = from_hex(&request.fingerprint)
        .ok_or_else(|| ApiError::invalid("/fingerprint", "invalid", "must be the `fingerprint` of the tool"))?;
    let found = state.store.get_tool(account_id, id, &name).await?.ok_or(ApiError::NotFound)?;
    if found.fingerprint != fingerprint {
        return Err(ApiError::StaleVersion);
    }
    let mut transaction = state.store.begin().await?;
    transaction.accept_tool(account_id, id, &name, &fingerprint).await?;
    let accepted = StoredTool { accepted_fingerprint: fingerprint, ..found.clone() };
    let event = current.event(&state, AuditAction::ToolAccepted, AuditObject::tool(id, &name));
    let event = event.before(&audit::tool(&found)).after(&audit::tool(&accepted));
    state.commit(transaction, account_id, event).await?;
    let found = state.store.get_tool(account_id, id, &name).await?.ok_or(ApiError::NotFound)?;
    Ok(axum::Json(tool(found)))
}
