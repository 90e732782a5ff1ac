//! `GET /second-factor`

use axum::Json;
use axum::extract::State;

use crate::dto::second_factor::{Passkey, SecondFactor};
use crate::error::ApiError;
use crate::extract::Person;
use crate::ops::second_factor::Factors;
use crate::problems::{Always, Personal};
use crate::state::ApiState;

/// What else than the password the caller needs to sign in.
#[utoipa::path(
    get,
    path = "/second-factor",
    operation_id = "get_second_factor",
    tag = "auth",
    security(("session" = [])),
    responses((status = 200, description = "The second factor.", body = SecondFactor), Personal, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<Json<SecondFactor>, ApiError> {
    let factors = Factors::of(&state, &person.user).await?;
    Ok(Json(SecondFactor {
        is_enabled: factors.is_any(),
        has_app: factors.totp.is_some(),
        passkeys: factors.passkeys.into_iter().map(Passkey::from).collect(),
        can_have_passkeys: state.passkeys.is_some(),
        recovery_codes_left: state.store.count_recovery_codes(person.user.id).await?,
    }))
}
