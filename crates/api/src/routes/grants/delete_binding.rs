//! `DELETE /grants/{id}/bindings/{server_id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, GrantId, ServerId};

use crate::error::ApiError;
use crate::extract::{IfMatch, ManageAccess, May, Path};
use crate::ops::audit;
use crate::ops::grant::{get_live, hold};
use crate::problems::{Always, GuardedChange, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Takes a server away from a grant.
#[utoipa::path(
    delete,
    path = "/grants/{id}/bindings/{server_id}",
    operation_id = "delete_binding",
    tag = "grants",
    params(
        ("id" = String, Path, description = "The grant."),
        ("server_id" = String, Path, description = "The server."),
        IfMatchParam
    ),
    responses((status = 204, description = "Taken away."), GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path((id, server_id)): Path<(GrantId, ServerId)>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let grant = get_live(&state, current.account_id(), id).await?;
    let mut transaction = state.begin().await?;
    hold(&mut *transaction, &if_match, &grant).await?;
    transaction.delete_binding(current.account_id(), id, server_id).await?;
    let before = grant.bindings.iter().find(|binding| binding.server_id == server_id).map(audit::binding);
    let event = current.event(&state, AuditAction::BindingDeleted, id).before(&before.unwrap_or_default());
    state.commit(transaction, current.account_id(), event).await?;
    Ok(StatusCode::NO_CONTENT)
}
