//! `DELETE /grants/{id}/bindings/{server_id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{GrantId, ServerId};

use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Path};
use crate::ops::grant::get_live;
use crate::problems::{Always, GuardedChange, Missing};
use crate::state::ApiState;

/// Takes a server away from a grant.
#[utoipa::path(
    delete,
    path = "/grants/{id}/bindings/{server_id}",
    operation_id = "delete_binding",
    tag = "grants",
    params(
        ("id" = String, Path, description = "The grant."),
        ("server_id" = String, Path, description = "The server.")
    ),
    responses((status = 204, description = "Taken away."), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path((id, server_id)): Path<(GrantId, ServerId)>,
) -> Result<StatusCode, ApiError> {
    get_live(&state, current.account_id(), id).await?;
    let mut transaction = state.store.begin().await?;
    transaction.delete_binding(current.account_id(), id, server_id).await?;
    state.commit(transaction, current.account_id()).await?;
    Ok(StatusCode::NO_CONTENT)
}
