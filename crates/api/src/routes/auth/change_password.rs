//! `POST /auth/password`

use axum::extract::State;
use http::StatusCode;
use ostiary_model::AuditAction;

use crate::dto::auth::ChangePasswordRequest;
use crate::error::ApiError;
use crate::extract::{Json, Person};
use crate::mail;
use crate::ops::person;
use crate::problems::{Always, Body, PersonalChange, TooMany};
use crate::state::ApiState;

/// Changes the caller's password. All of their other browsers are signed out.
#[utoipa::path(
    post,
    path = "/auth/password",
    operation_id = "change_password",
    tag = "auth",
    security(("session" = [])),
    request_body = ChangePasswordRequest,
    responses((status = 204, description = "Changed."), Body, PersonalChange, TooMany, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    person: Person,
    Json(request): Json<ChangePasswordRequest>,
) -> Result<StatusCode, ApiError> {
    let stored = person::check_own_password(&state, &person, request.current_password, "/current_password").await?;
    let password_hash = state.passwords.hash(request.new_password).await?;
    let events = person::events(&state, &stored.user, AuditAction::PasswordChanged).await?;
    let mut transaction = state.begin().await?;
    transaction.update_password_hash(stored.user.id, &password_hash).await?;
    transaction.end_sessions_of(stored.user.id, Some(person.session.id)).await?;
    transaction.commit(events.into()).await?;
    state.send_mail_later(mail::password_changed(stored.user.email));
    Ok(StatusCode::NO_CONTENT)
}
