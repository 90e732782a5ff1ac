//! `POST /account/transfer`

use axum::extract::State;
use ostiary_model::{AuditAction, Role};
use serde_json::json;

use crate::dto::account::TransferAccountRequest;
use crate::dto::member::Member;
use crate::error::ApiError;
use crate::extract::{Json, ManageAccount, May};
use crate::ops::member::{Roles, above};
use crate::problems::{Always, Body, GuardedChange};
use crate::state::ApiState;

/// Hands the account over to another member, who becomes its owner. The caller becomes an admin; with an API key, it is
/// the user who minted it.
#[utoipa::path(
    post,
    path = "/account/transfer",
    operation_id = "transfer_account",
    tag = "account",
    request_body = TransferAccountRequest,
    responses((status = 200, description = "The new owner.", body = Member), Body, GuardedChange, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageAccount>,
    Json(request): Json<TransferAccountRequest>,
) -> Result<axum::Json<Member>, ApiError> {
    let (account_id, from, to) = (current.account_id(), current.actor.user_id(), request.user_id);
    if from == to {
        return Err(ApiError::invalid("/user_id", "own_user", "must be another member"));
    }
    let mut transaction = state.begin().await?;
    let roles = Roles::lock(&mut *transaction, account_id).await?;
    if roles.of_caller(&current)? != Role::Owner {
        return Err(ApiError::Forbidden);
    }
    let before = roles.of(to);
    let before =
        before.ok_or_else(|| ApiError::invalid("/user_id", "unknown_member", "is no member of the account"))?;
    transaction.update_member(account_id, to, Role::Owner).await?;
    if roles.of(from) == Some(Role::Owner) {
        transaction.update_member(account_id, from, Role::Admin).await?;
        transaction.revoke_api_keys_of(account_id, from, &above(Role::Admin), state.clock.now()).await?;
    }
    let event = current.event(&state, AuditAction::AccountTransferred, account_id);
    let event = event.before(&json!({ "owner": from, "role_of_new_owner": before })).after(&json!({ "owner": to }));
    transaction.commit(event.into()).await?;
    let member = state.store.get_member(account_id, to).await?.ok_or(ApiError::NotFound)?;
    Ok(axum::Json(member.into()))
}
