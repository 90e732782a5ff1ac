//! `POST /auth/verify-email/send`

use axum::extract::State;
use http::StatusCode;

use crate::error::ApiError;
use crate::extract::Person;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::verification;
use crate::problems::{Always, MailFailed, NoMail, PersonalChange, TooMany};
use crate::state::ApiState;

/// Sends the caller a link by which they prove that mail to their address reaches them.
#[utoipa::path(
    post,
    path = "/auth/verify-email/send",
    operation_id = "send_email_verification",
    tag = "auth",
    security(("session" = [])),
    responses((status = 202, description = "Sent."), PersonalChange, TooMany, NoMail, MailFailed, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, person: Person) -> Result<StatusCode, ApiError> {
    if state.mail.is_none() {
        return Err(ApiError::NoMail);
    }
    Counted::begin(&state, [Subject::MailTo(&person.user.email)]).await?;
    let mail = verification::prepare(&state, &person.user).await?;
    state.send_mail(mail).await?;
    Ok(StatusCode::ACCEPTED)
}
