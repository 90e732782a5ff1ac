//! `POST /auth/password-reset/confirm`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;
use ostiary_auth::session::cookie;
use ostiary_auth::{TokenHash, TokenKind};
use ostiary_model::{AuditAction, LinkPurpose};

use crate::dto::auth::ConfirmPasswordResetRequest;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::mail;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::invitation::link_not_valid;
use crate::ops::person;
use crate::problems::{Always, Body, Open};
use crate::state::ApiState;

/// Sets a new password with the link that was mailed, which proves the address, too. Everything that is signed in with
/// the old one is signed out.
#[utoipa::path(
    post,
    path = "/auth/password-reset/confirm",
    operation_id = "confirm_password_reset",
    tag = "auth",
    security(()),
    request_body = ConfirmPasswordResetRequest,
    responses((status = 204, description = "The new password is set."), Body, Open, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<ConfirmPasswordResetRequest>,
) -> Result<Response, ApiError> {
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let hash = TokenHash::of(TokenKind::PasswordReset, &request.token).map_err(|_| link_not_valid())?;
    let password_hash = state.passwords.hash(request.password).await?;
    let now = state.clock.now();
    let mut transaction = state.begin().await?;
    let user_id = transaction.take_link(LinkPurpose::ResetPassword, hash.as_bytes(), now).await?;
    let user_id = user_id.ok_or_else(link_not_valid)?;
    let stored = state.store.get_user(user_id).await?.ok_or_else(link_not_valid)?;
    transaction.update_password_hash(user_id, &password_hash).await?;
    transaction.verify_email(user_id, now).await?;
    transaction.end_sessions_of(user_id, None).await?;
    let events = person::events(&state, &stored.user, AuditAction::PasswordReset).await?;
    transaction.commit(events.into()).await?;
    counted.was_right(&state).await?;
    state.send_mail_later(mail::password_changed(stored.user.email));
    // Known again: whoever guesses the new password elsewhere does not hold this browser back.
    let device = cookie::build_device(&state.devices.issue(user_id), state.cookie_transport());
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, device)]).into_response())
}
