//! `PATCH /grants/{id}`

use axum::extract::State;
use ostiary_model::{AuditAction, GrantId};
use serde_json::Value;

use crate::dto::grant::{Grant, UpdateGrantRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageAccess, May, Path};
use crate::ops::audit;
use crate::ops::grant::{GrantWriter, check_expiry, get, get_live};
use crate::problems::{Always, Body, GuardedChange, Missing, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Changes a grant's label, expiry or metadata.
#[utoipa::path(
    patch,
    path = "/grants/{id}",
    operation_id = "update_grant",
    tag = "grants",
    params(("id" = String, Path, description = "The grant."), IfMatchParam),
    request_body = UpdateGrantRequest,
    responses((status = 200, description = "The grant.", body = Grant), Body, GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<GrantId>,
    if_match: IfMatch,
    Json(request): Json<UpdateGrantRequest>,
) -> Result<Tagged<Grant>, ApiError> {
    let mut grant = get_live(&state, current.account_id(), id).await?;
    if_match.check(grant.revision)?;
    let before = audit::grant(&grant);
    if let Some(expires_at) = request.expires_at {
        check_expiry(expires_at, state.clock.now())?;
        grant.expires_at = expires_at;
    }
    grant.label = request.label.unwrap_or(grant.label);
    grant.metadata = request.metadata.map_or(grant.metadata, Value::Object);
    let mut transaction = state.begin().await?;
    transaction.update_grant(&grant).await?;
    let event = current.event(&state, AuditAction::GrantUpdated, id).before(&before).after(&audit::grant(&grant));
    state.commit(transaction, current.account_id(), event).await?;
    let grant = get(&state, current.account_id(), id).await?;
    Ok(Tagged::new(grant.revision, GrantWriter::new(&state, &current.account).grant(grant).await?))
}
