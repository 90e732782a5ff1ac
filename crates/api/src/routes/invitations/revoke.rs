//! `DELETE /invitations/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, InvitationId};

use crate::error::ApiError;
use crate::extract::{ManageMembers, May, Path};
use crate::problems::{Always, GuardedChange, Missing};
use crate::state::ApiState;

/// Withdraws an invitation: its link opens nothing any more.
#[utoipa::path(
    delete,
    path = "/invitations/{id}",
    operation_id = "revoke_invitation",
    tag = "members",
    params(("id" = String, Path, description = "The invitation.")),
    responses((status = 204, description = "Withdrawn."), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.begin().await?;
    transaction.delete_invitation(current.account_id(), id).await?;
    let event = current.event(&state, AuditAction::InvitationRevoked, id);
    transaction.commit(event.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
