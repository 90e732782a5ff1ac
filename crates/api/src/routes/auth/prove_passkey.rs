//! `POST /auth/second-factor/passkey/confirm`

use axum::extract::State;
use axum::response::Response;

use crate::dto::account::Me;
use crate::dto::second_factor::PasskeyProofRequest;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::passkey::{asked, prove};
use crate::problems::{Always, Body, SigningIn};
use crate::routes::auth::sign_in::enter;
use crate::state::ApiState;

/// The second step of signing in, with a passkey.
#[utoipa::path(
    post,
    path = "/auth/second-factor/passkey/confirm",
    operation_id = "sign_in_with_passkey",
    tag = "auth",
    security(()),
    request_body = PasskeyProofRequest,
    responses((status = 200, description = "Signed in.", body = Me), Body, SigningIn, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<PasskeyProofRequest>,
) -> Result<Response, ApiError> {
    let (user_id, method) = state.halfway.read(&request.token, state.clock.now()).ok_or(ApiError::WrongCredentials)?;
    let counted = Counted::begin(&state, [Subject::SecondFactor(user_id)]).await?;
    let user = state.store.get_user(user_id).await?.ok_or(ApiError::WrongCredentials)?.user;
    let asked = asked(&state, user_id, request.ceremony).await?;
    let stored = state.store.list_passkeys(user_id).await?;
    prove(&state, &user, &stored, &asked, &request.credential.0).await?;
    counted.was_right(&state).await?;
    enter(&state, &user, method, &origin).await
}
