//! `POST /auth/provider`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use ostiary_auth::Errand;
use ostiary_auth::session::cookie;
use ostiary_model::UserId;

use crate::dto::identity::{BeginProviderRequest, ProviderAddress};
use crate::error::ApiError;
use crate::extract::Json;
use crate::ops::provider::{page, send};
use crate::problems::{Always, Body, NoOtherSite, WithProvider};
use crate::state::ApiState;

/// Where to sign in elsewhere (OpenID Connect). The answer's cookie is to come back with the browser.
#[utoipa::path(
    post,
    path = "/auth/provider",
    operation_id = "begin_provider_sign_in",
    tag = "auth",
    security(()),
    request_body = BeginProviderRequest,
    responses(
        (status = 200, description = "Where to go.", body = ProviderAddress),
        Body, NoOtherSite, WithProvider, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Json(request): Json<BeginProviderRequest>,
) -> Result<Response, ApiError> {
    leave(&state, page(&state, request.to.as_deref()), None).await
}

/// Sends the browser on an errand.
pub(crate) async fn leave(state: &ApiState, to: String, link: Option<UserId>) -> Result<Response, ApiError> {
    let errand = Errand::begin(to, link, state.clock.now());
    let url = send(state, &errand).await?;
    let cookie = cookie::build_errand(&errand.seal(&state.errands), state.cookie_transport());
    Ok(([(SET_COOKIE, cookie)], axum::Json(ProviderAddress { url: url.into() })).into_response())
}
