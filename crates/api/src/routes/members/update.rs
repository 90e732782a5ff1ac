//! `PATCH /members/{id}`

use axum::extract::State;
use ostiary_model::{AuditAction, UserId};
use serde_json::json;

use crate::dto::member::{Member, UpdateMemberRequest};
use crate::error::ApiError;
use crate::extract::{IfMatch, Json, ManageMembers, May, Path};
use crate::ops::member::{Roles, above, tag};
use crate::problems::{Always, Body, GuardedChange, LastOwner, Missing, Stale};
use crate::routes::{IfMatchParam, Tagged};
use crate::state::ApiState;

/// Changes the role of a member: to at most the caller's, and nobody's whose role is above it. API keys that the member
/// minted and that allow more than the new role are revoked. There is always an owner.
#[utoipa::path(
    patch,
    path = "/members/{id}",
    operation_id = "update_member",
    tag = "members",
    params(("id" = String, Path, description = "The member's user."), IfMatchParam),
    request_body = UpdateMemberRequest,
    responses(
        (status = 200, description = "The member.", body = Member),
        Body, GuardedChange, Missing, Stale, LastOwner, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    Json(request): Json<UpdateMemberRequest>,
) -> Result<Tagged<Member>, ApiError> {
    let account_id = current.account_id();
    let mut transaction = state.begin().await?;
    let roles = Roles::lock(&mut *transaction, account_id).await?;
    let (own, before) = (roles.of_caller(&current)?, roles.of(id).ok_or(ApiError::NotFound)?);
    if !own.covers(before) {
        return Err(ApiError::Forbidden);
    }
    if_match.check(tag(id, before))?;
    if !own.covers(request.role) {
        return Err(ApiError::invalid("/role", "role_above_own", "must not allow more than your own role"));
    }
    if before != request.role {
        roles.check_other_owner(id)?;
        transaction.update_member(account_id, id, request.role).await?;
        let now = state.clock.now();
        let revoked = transaction.revoke_api_keys_of(account_id, id, &above(request.role), now).await?;
        let event = current.event(&state, AuditAction::MemberUpdated, id);
        let event = event.before(&json!({ "role": before }));
        let event = event.after(&json!({ "role": request.role, "api_keys_revoked": revoked }));
        transaction.commit(event.into()).await?;
    } else {
        drop(transaction);
    }
    let member = state.store.get_member(account_id, id).await?.ok_or(ApiError::NotFound)?;
    Ok(Tagged::new(tag(id, member.role), member.into()))
}
