//! `POST /auth/second-factor`

use axum::extract::State;
use axum::response::Response;

use crate::dto::account::Me;
use crate::dto::second_factor::SecondFactorRequest;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::second_factor::{Factors, take};
use crate::problems::{Always, Body, SigningIn};
use crate::routes::auth::sign_in::enter;
use crate::state::ApiState;

/// The second step of signing in: a code of the app, or a recovery code.
#[utoipa::path(
    post,
    path = "/auth/second-factor",
    operation_id = "sign_in_with_second_factor",
    tag = "auth",
    security(()),
    request_body = SecondFactorRequest,
    responses((status = 200, description = "Signed in.", body = Me), Body, SigningIn, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<SecondFactorRequest>,
) -> Result<Response, ApiError> {
    let (user_id, method) = state.halfway.read(&request.token, state.clock.now()).ok_or(ApiError::WrongCredentials)?;
    let user = state.store.get_user(user_id).await?.ok_or(ApiError::WrongCredentials)?.user;
    let factors = Factors::of(&state, &user).await?;
    // Disabled since the first step: there is nothing more to prove.
    if factors.is_any() {
        take(&state, &user, &factors, &request.code).await?;
    }
    enter(&state, &user, method, &origin).await
}
