//! `POST /second-factor/passkeys`

use axum::extract::State;

use crate::dto::second_factor::{OwnPasswordRequest, PasskeyCeremony};
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::ops::passkey::{ask, credentials, passkeys};
use crate::ops::person::check_own_password;
use crate::problems::{Always, Body, NoPasskeys, PersonalChange, TooMany};
use crate::state::ApiState;

/// What to ask the browser, to add a passkey.
#[utoipa::path(
    post,
    path = "/second-factor/passkeys",
    operation_id = "begin_passkey",
    tag = "auth",
    security(("session" = [])),
    request_body = OwnPasswordRequest,
    responses(
        (status = 200, description = "What to ask, within 5 minutes.", body = PasskeyCeremony),
        Body, PersonalChange, NoPasskeys, TooMany, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<OwnPasswordRequest>,
) -> Result<axum::Json<PasskeyCeremony>, ApiError> {
    let passkeys = passkeys(&state)?;
    let user = check_own_password(&state, &person, request.password, "/password").await?.user;
    let known = credentials(&state.store.list_passkeys(user.id).await?);
    let begun = passkeys.begin_registration(user.id, &user.email, &known);
    ask(&state, user.id, begun).await.map(axum::Json)
}
