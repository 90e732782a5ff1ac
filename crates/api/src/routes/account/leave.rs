//! `POST /account/leave`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, Role};
use serde_json::json;

use crate::error::ApiError;
use crate::extract::Person;
use crate::ops::member::Roles;
use crate::problems::{Always, LastOwner, PersonalChange};
use crate::state::ApiState;

/// Ends the caller's own membership. API keys that they minted in the account are revoked. Their browser looks at
/// another account of theirs afterwards; without one it is signed out. The last owner stays.
#[utoipa::path(
    post,
    path = "/account/leave",
    operation_id = "leave_account",
    tag = "account",
    security(("session" = [])),
    responses((status = 204, description = "Left."), PersonalChange, LastOwner, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<StatusCode, ApiError> {
    let (account_id, user_id) = (person.session.account_id, person.user.id);
    let memberships = state.store.list_memberships(user_id).await?;
    let other = memberships.iter().find(|member| member.account_id != account_id);
    let mut transaction = state.begin().await?;
    let roles = Roles::lock(&mut *transaction, account_id).await?;
    let before = roles.of(user_id).ok_or(ApiError::NotFound)?;
    roles.check_other_owner(user_id)?;
    if let Some(other) = other {
        transaction.move_session(person.session.id, other.account_id).await?;
    }
    let revoked = transaction.revoke_api_keys_of(account_id, user_id, &Role::ALL, state.clock.now()).await?;
    transaction.delete_member(account_id, user_id).await?;
    let event = person.event(&state, AuditAction::MemberRemoved, user_id);
    let event = event.before(&json!({ "role": before })).after(&json!({ "api_keys_revoked": revoked }));
    transaction.commit(event.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
