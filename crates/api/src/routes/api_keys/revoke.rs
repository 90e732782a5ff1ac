//! `DELETE /api-keys/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{ApiKey, ApiKeyId, AuditAction};

use crate::error::ApiError;
use crate::extract::{ManageAccess, May, Path};
use crate::ops::audit;
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
    let key = state.store.get_api_key(current.account_id(), id).await?.ok_or(ApiError::NotFound)?;
    if key.revoked_at.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let now = state.clock.now();
    let mut transaction = state.begin().await?;
    transaction.revoke_api_key(current.account_id(), id, now).await?;
    let revoked = ApiKey { revoked_at: Some(now), ..key.clone() };
    let event = current.event(&state, AuditAction::ApiKeyRevoked, id);
    let event = event.before(&audit::api_key(&key)).after(&audit::api_key(&revoked));
    transaction.commit(event.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
