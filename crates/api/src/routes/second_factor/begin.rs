//! `POST /second-factor/totp`

use axum::extract::State;
use ostiary_auth::TotpSecret;
use ostiary_storage::{StorageError, Unrecorded};

use crate::dto::second_factor::{OwnPasswordRequest, TotpSetup};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::person::check_own_password;
use crate::problems::{Always, Body, Enabled, PersonalChange, TooMany};
use crate::state::ApiState;

/// Makes a secret for an app that makes codes (TOTP). Codes are asked for once one was confirmed.
#[utoipa::path(
    post,
    path = "/second-factor/totp",
    operation_id = "begin_totp",
    tag = "auth",
    security(("session" = [])),
    request_body = OwnPasswordRequest,
    responses(
        (status = 200, description = "The secret, this once.", body = TotpSetup),
        Body, PersonalChange, Enabled, TooMany, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<axum::Json<TotpSetup>, ApiError> {
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    let secret = TotpSecret::generate();
    let mut transaction = state.begin().await?;
    let put = transaction.put_totp(user.id, &secret.seal(&state.totp_sealer, user.id)).await;
    put.map_err(|error| match error {
        StorageError::NotFound => ApiError::SecondFactorEnabled,
        other => other.into(),
    })?;
    // Nothing is asked for yet.
    transaction.commit(Unrecorded::NothingChanged.into()).await?;
    Ok(axum::Json(TotpSetup { secret: secret.to_base32().to_string(), uri: secret.to_uri(&user.email).to_string() }))
}
