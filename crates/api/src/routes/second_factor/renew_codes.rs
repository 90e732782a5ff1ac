//! `POST /second-factor/recovery-codes`

use axum::extract::State;
use ostiary_model::AuditAction;

use crate::dto::second_factor::{OwnPasswordRequest, RecoveryCodes};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::person::{check_own_password, events};
use crate::ops::second_factor::{Factors, renew_codes};
use crate::problems::{Always, Body, NotEnabled, PersonalChange, TooMany};
use crate::state::ApiState;

/// Makes new recovery codes in place of those that are left.
#[utoipa::path(
    post,
    path = "/second-factor/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "auth",
    security(("session" = [])),
    request_body = OwnPasswordRequest,
    responses(
        (status = 200, description = "The recovery codes, this once.", body = RecoveryCodes),
        Body, PersonalChange, NotEnabled, TooMany, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<axum::Json<RecoveryCodes>, ApiError> {
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    if !Factors::of(&state, &user).await?.is_any() {
        return Err(ApiError::SecondFactorNotEnabled);
    }
    let events = events(&state, &user, AuditAction::RecoveryCodesReplaced).await?;
    let mut transaction = state.begin().await?;
    let codes = renew_codes(&mut *transaction, &user).await?;
    transaction.commit(events.into()).await?;
    Ok(axum::Json(codes))
}
