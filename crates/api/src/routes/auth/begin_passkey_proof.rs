//! `POST /auth/second-factor/passkey`

use axum::extract::State;

use crate::dto::second_factor::{BeginPasskeyProofRequest, PasskeyCeremony};
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::passkey::{ask, credentials, passkeys};
use crate::problems::{Always, Body, NoPasskeys, SigningIn};
use crate::state::ApiState;

/// What to ask the browser, for the second step of signing in with a passkey.
#[utoipa::path(
    post,
    path = "/auth/second-factor/passkey",
    operation_id = "begin_passkey_proof",
    tag = "auth",
    security(()),
    request_body = BeginPasskeyProofRequest,
    responses(
        (status = 200, description = "What to ask, within 5 minutes.", body = PasskeyCeremony),
        Body, SigningIn, NoPasskeys, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<BeginPasskeyProofRequest>,
) -> Result<axum::Json<PasskeyCeremony>, ApiError> {
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let (user_id, _) = state.halfway.read(&request.token, state.clock.now()).ok_or(ApiError::WrongCredentials)?;
    counted.was_right(&state).await?;
    let passkeys = passkeys(&state)?;
    let stored = state.store.list_passkeys(user_id).await?;
    if stored.is_empty() {
        return Err(ApiError::WrongCredentials);
    }
    ask(&state, user_id, passkeys.begin_proof(&credentials(&stored))).await.map(axum::Json)
}
