//! `POST /second-factor/passkeys/{id}/remove`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::{AuditAction, PasskeyId};
use serde_json::json;

use crate::dto::second_factor::OwnPasswordRequest;
use crate::error::ApiError;
use crate::extract::{Json, Path, Person};
use crate::ops::person::{check_own_password, events};
use crate::ops::second_factor::Factors;
use crate::problems::{Always, Body, Missing, PersonalChange, TooMany};
use crate::state::ApiState;

/// Removes a passkey; with the last second factor the recovery codes go, too.
#[utoipa::path(
    post,
    path = "/second-factor/passkeys/{id}/remove",
    operation_id = "remove_passkey",
    tag = "auth",
    security(("session" = [])),
    params(("id" = String, Path, description = "Id of the passkey.")),
    request_body = OwnPasswordRequest,
    responses((status = 204, description = "Removed."), Body, PersonalChange, Missing, TooMany, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Path(id): Path<PasskeyId>,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    let factors = Factors::of(&state, &user).await?;
    let passkey = factors.passkeys.iter().find(|passkey| passkey.id == id).ok_or(ApiError::NotFound)?;
    let before = json!({"passkey": passkey.name});
    let events = events(&state, &user, AuditAction::PasskeyRemoved).await?.into_iter();
    let mut transaction = state.begin().await?;
    if factors.totp.is_none() && factors.passkeys.len() == 1 {
        transaction.delete_second_factors(user.id).await?;
    } else {
        transaction.delete_passkey(user.id, id).await?;
    }
    transaction.commit(events.map(|event| event.before(&before)).collect::<Vec<_>>().into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
