//! `DELETE /policies/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, PolicyId};

use crate::error::{ApiError, OnConflict};
use crate::extract::{IfMatch, ManagePolicies, May, Path};
use crate::ops::audit;
use crate::ops::policy::get;
use crate::problems::{Always, GuardedChange, InUse, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Removes a policy with its versions, unless a grant is bound to it.
#[utoipa::path(
    delete,
    path = "/policies/{id}",
    operation_id = "delete_policy",
    tag = "policies",
    params(("id" = String, Path, description = "The policy."), IfMatchParam),
    responses((status = 204, description = "Removed."), GuardedChange, Missing, Stale, InUse, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManagePolicies>,
    Path(id): Path<PolicyId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let policy = get(&state, current.account_id(), id).await?;
    let mut transaction = state.begin().await?;
    if_match.check(transaction.lock_policy(current.account_id(), id).await?.ok_or(ApiError::NotFound)?)?;
    let deleted = transaction.delete_policy(current.account_id(), id).await;
    deleted.on_conflict("bindings_policy_id_fkey", ApiError::PolicyInUse)?;
    let event = current.event(&state, AuditAction::PolicyDeleted, id).before(&audit::policy(&policy));
    state.commit(transaction, current.account_id(), event).await?;
    Ok(StatusCode::NO_CONTENT)
}
