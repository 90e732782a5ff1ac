//! `POST /second-factor/disable`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::AuditAction;
use ostiary_storage::Unrecorded;

use crate::dto::second_factor::OwnPasswordRequest;
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::person::{check_own_password, events};
use crate::problems::{Always, Body, PersonalChange, TooMany};
use crate::state::ApiState;

/// Asks for no second factor any more. The app's secret, the passkeys and the recovery codes are removed.
#[utoipa::path(
    post,
    path = "/second-factor/disable",
    operation_id = "disable_second_factor",
    tag = "auth",
    security(("session" = [])),
    request_body = OwnPasswordRequest,
    responses((status = 204, description = "Disabled."), Body, PersonalChange, TooMany, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    let events = events(&state, &user, AuditAction::SecondFactorDisabled).await?;
    let mut transaction = state.begin().await?;
    if transaction.delete_second_factors(user.id).await? {
        transaction.commit(events.into()).await?;
    } else {
        transaction.commit(Unrecorded::NothingChanged.into()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
