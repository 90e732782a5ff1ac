//! `POST /accounts/{id}/switch`

use axum::Json;
use axum::extract::State;
use ostiary_model::AccountId;
use ostiary_storage::Unrecorded;

use crate::dto::account::Me;
use crate::error::ApiError;
use crate::extract::{Path, Person};
use crate::ops::account::me_as_user;
use crate::problems::{Always, Missing, PersonalChange};
use crate::state::ApiState;

/// Turns the caller's browser to another account of theirs.
#[utoipa::path(
    post,
    path = "/accounts/{id}/switch",
    operation_id = "switch_account",
    tag = "account",
    security(("session" = [])),
    params(("id" = String, Path, description = "The account.")),
    responses((status = 200, description = "The caller in the account.", body = Me), PersonalChange, Missing, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Path(id): Path<AccountId>,
) -> Result<Json<Me>, ApiError> {
    let member = state.store.get_member(id, person.user.id).await?.ok_or(ApiError::NotFound)?;
    let account = state.store.get_account(id).await?.ok_or(ApiError::NotFound)?;
    let mut transaction = state.begin().await?;
    transaction.move_session(person.session.id, id).await?;
    // Nothing of an account is changed by looking at it.
    transaction.commit(Unrecorded::NothingChanged.into()).await?;
    Ok(Json(me_as_user(&state, &person.user, &account, member.role)))
}
