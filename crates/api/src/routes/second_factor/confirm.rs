//! `POST /second-factor/totp/confirm`

use axum::extract::State;
use ostiary_model::AuditAction;

use crate::dto::second_factor::{ConfirmTotpRequest, SecondFactorAdded};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::person::events;
use crate::ops::second_factor::{Factors, first_codes, step, wrong_code};
use crate::problems::{Always, Body, Enabled, PersonalChange, TooMany};
use crate::state::ApiState;

/// Confirms, with one of its codes, that the app has the secret. From then on a code is asked for when signing in; the
/// recovery codes in the answer stand in for the app when it is lost. Other browsers stay signed in.
#[utoipa::path(
    post,
    path = "/second-factor/totp/confirm",
    operation_id = "confirm_totp",
    tag = "auth",
    security(("session" = [])),
    request_body = ConfirmTotpRequest,
    responses(
        (status = 200, description = "Enabled.", body = SecondFactorAdded),
        Body, PersonalChange, Enabled, TooMany, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<ConfirmTotpRequest>,
) -> Result<axum::Json<SecondFactorAdded>, ApiError> {
    let user = &person.user;
    let totp = state.store.get_totp(user.id).await?.ok_or_else(wrong_code)?;
    if totp.confirmed_at.is_some() {
        return Err(ApiError::SecondFactorEnabled);
    }
    let counted = Counted::begin(&state, [Subject::SecondFactor(user.id)]).await?;
    let step = step(&state, user, &totp, &request.code)?;
    let before = Factors::of(&state, user).await?;
    let events = events(&state, user, AuditAction::SecondFactorEnabled).await?;
    let mut transaction = state.begin().await?;
    transaction.confirm_totp(user.id, state.clock.now()).await?;
    transaction.take_totp_step(user.id, step).await?;
    let added = first_codes(&mut *transaction, user, &before).await?;
    transaction.commit(events.into()).await?;
    counted.was_right(&state).await?;
    Ok(axum::Json(added))
}
