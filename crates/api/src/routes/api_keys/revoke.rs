//! `DELETE /api-keys/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::ApiKeyId;

use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Path};
use crate::problems::{Always, GuardedChange, Missing};
use crate::state::ApiState;

/// Revokes an API key.
#[utoipa::path(
    delete,
    path = "/api-keys/{id}",
    operation_id = "revoke_api_key",
    tag = "api-keys",
    params(("id" = String, Path, description = "The API key.")),
    responses((status = 204, description = "Revoked."), GuardedChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, ApiError> {
    let mut transaction = state.store.begin().await?;
    transaction.revoke_api_key(current.account_id(), id, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
