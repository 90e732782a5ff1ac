//! `DELETE /grants/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::GrantId;

use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Path};
use crate::problems::{Always, GuardedChange, Missing};
use crate::state::ApiState;

/// Revokes a grant. It stays in the list; its tokens stop working for every call that starts after this answer.
#[utoipa::path(
    delete,
    path = "/grants/{id}",
    operation_id = "revoke_grant",
    tag = "grants",
    params(("id" = String, Path, description = "The grant.")),
    responses((status = 204, description = "Revoked."), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<GrantId>,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.store.begin().await?;
    transaction.revoke_grant(current.account_id(), id, state.clock.now()).await?;
    state.commit(transaction, current.account_id()).await?;
    Ok(StatusCode::NO_CONTENT)
}
