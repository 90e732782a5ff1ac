//! `POST /auth/password-reset`

use axum::extract::State;
use chrono::TimeDelta;
use http::StatusCode;
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{Email, LinkPurpose};
use ostiary_storage::Unrecorded;

use crate::dto::auth::PasswordResetRequest;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::mail;
use crate::ops::attempts::{Counted, Subject};
use crate::problems::{Always, Body, NoMail, Open};
use crate::state::ApiState;

/// How long the link works.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Sends a link to a new password, if somebody has signed up with the address. The answer is the same if nobody has.
#[utoipa::path(
    post,
    path = "/auth/password-reset",
    operation_id = "request_password_reset",
    tag = "auth",
    security(()),
    request_body = PasswordResetRequest,
    responses((status = 202, description = "A mail is on its way, if there is anybody to get it."), Body, Open, NoMail, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<PasswordResetRequest>,
) -> Result<StatusCode, ApiError> {
    if state.mail.is_none() {
        return Err(ApiError::NoMail);
    }
    Counted::begin(&state, origin.address.map(Subject::MailFrom)).await?;
    if let Ok(email) = Email::parse(&request.email) {
        // SECURITY: what is different for an address that is known happens after the answer.
        tokio::spawn(async move {
            if let Err(error) = send(&state, &email).await {
                tracing::warn!(code = error.problem().code(), "a link to a new password was not sent");
            }
        });
    }
    Ok(StatusCode::ACCEPTED)
}

async fn send(state: &ApiState, email: &Email) -> Result<(), ApiError> {
    Counted::begin(state, [Subject::MailTo(email)]).await?;
    let Some(stored) = state.store.find_user_by_email(email).await? else { return Ok(()) };
    let token = Token::mint(TokenKind::PasswordReset);
    let expires_at = state.clock.now() + LIFETIME;
    let mut transaction = state.begin().await?;
    let (purpose, hash) = (LinkPurpose::ResetPassword, token.hash());
    transaction.create_link(stored.user.id, purpose, hash.as_bytes(), expires_at).await?;
    // Anybody may ask for it; what is recorded is that it was used.
    transaction.commit(Unrecorded::NoAccount.into()).await?;
    let link = state.link("reset-password", token.reveal());
    state.send_mail(mail::password_reset(stored.user.email, &link)).await
}
