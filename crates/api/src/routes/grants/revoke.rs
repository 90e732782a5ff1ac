//! `DELETE /grants/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, Grant, GrantId};
use ostiary_storage::{Trail, Unrecorded};

use crate::error::ApiError;
use crate::extract::{IfMatch, ManageAccess, May, Path};
use crate::ops::audit;
use crate::ops::grant::{get, hold};
use crate::problems::{Always, GuardedChange, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Revokes a grant. It stays in the list; its tokens stop working for every call that starts after this answer.
#[utoipa::path(
    delete,
    path = "/grants/{id}",
    operation_id = "revoke_grant",
    tag = "grants",
    params(("id" = String, Path, description = "The grant."), IfMatchParam),
    responses((status = 204, description = "Revoked."), GuardedChange, Missing, Stale, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccess>,
    Path(id): Path<GrantId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let grant = get(&state, current.account_id(), id).await?;
    let now = state.clock.now();
    let mut transaction = state.begin().await?;
    hold(&mut *transaction, &if_match, &grant).await?;
    transaction.revoke_grant(current.account_id(), id, now).await?;
    let trail = if grant.revoked_at.is_some() {
        // Somebody who asks again may not have heard the answer: the account is moved on all the same.
        Trail::from(Unrecorded::NothingChanged)
    } else {
        let revoked = Grant { revoked_at: Some(now), ..grant.clone() };
        let event = current.event(&state, AuditAction::GrantRevoked, id);
        event.before(&audit::grant(&grant)).after(&audit::grant(&revoked)).into()
    };
    state.commit(transaction, current.account_id(), trail).await?;
    Ok(StatusCode::NO_CONTENT)
}
