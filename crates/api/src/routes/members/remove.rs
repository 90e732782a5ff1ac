//! `DELETE /members/{id}`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, Role, UserId};
use serde_json::json;

use crate::error::ApiError;
use crate::extract::{IfMatch, ManageMembers, May, Path};
use crate::ops::member::{Roles, tag};
use crate::problems::{Always, GuardedChange, LastOwner, Missing, Stale};
use crate::routes::IfMatchParam;
use crate::state::ApiState;

/// Ends a membership: nobody's whose role is above the caller's. The user is signed out of the account, and API keys
/// that they minted in it are revoked. There is always an owner.
#[utoipa::path(
    delete,
    path = "/members/{id}",
    operation_id = "remove_member",
    tag = "members",
    params(("id" = String, Path, description = "The member's user."), IfMatchParam),
    responses((status = 204, description = "Removed."), GuardedChange, Missing, Stale, LastOwner, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Path(id): Path<UserId>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let account_id = current.account_id();
    let mut transaction = state.begin().await?;
    let roles = Roles::lock(&mut *transaction, account_id).await?;
    let (own, before) = (roles.of_caller(&current)?, roles.of(id).ok_or(ApiError::NotFound)?);
    if !own.covers(before) {
        return Err(ApiError::Forbidden);
    }
    if_match.check(tag(id, before))?;
    roles.check_other_owner(id)?;
    let revoked = transaction.revoke_api_keys_of(account_id, id, &Role::ALL, state.clock.now()).await?;
    transaction.delete_member(account_id, id).await?;
    let event = current.event(&state, AuditAction::MemberRemoved, id);
    let event = event.before(&json!({ "role": before })).after(&json!({ "api_keys_revoked": revoked }));
    transaction.commit(event.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
