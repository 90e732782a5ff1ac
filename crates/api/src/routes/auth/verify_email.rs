//! `POST /auth/verify-email`

use axum::extract::State;
use http::StatusCode;
use ostiary_auth::{TokenHash, TokenKind};
use ostiary_model::{AuditAction, LinkPurpose};

use crate::dto::auth::VerifyEmailRequest;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::attempts::{Counted, Subject};
use crate::ops::invitation::link_not_valid;
use crate::ops::person;
use crate::problems::{Always, Body, Open};
use crate::state::ApiState;

/// Proves, with the link that was mailed, that mail to a user's address reaches them.
#[utoipa::path(
    post,
    path = "/auth/verify-email",
    operation_id = "verify_email",
    tag = "auth",
    security(()),
    request_body = VerifyEmailRequest,
    responses((status = 204, description = "Proven."), Body, Open, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<VerifyEmailRequest>,
) -> Result<StatusCode, ApiError> {
    let counted = Counted::begin(&state, origin.address.map(Subject::Address)).await?;
    let hash = TokenHash::of(TokenKind::EmailProof, &request.token).map_err(|_| link_not_valid())?;
    let now = state.clock.now();
    let mut transaction = state.begin().await?;
    let user_id = transaction.take_link(LinkPurpose::VerifyEmail, hash.as_bytes(), now).await?;
    let user_id = user_id.ok_or_else(link_not_valid)?;
    let stored = state.store.get_user(user_id).await?.ok_or_else(link_not_valid)?;
    transaction.verify_email(user_id, now).await?;
    let events = person::events(&state, &stored.user, AuditAction::EmailVerified).await?;
    transaction.commit(events.into()).await?;
    counted.was_right(&state).await?;
    Ok(StatusCode::NO_CONTENT)
}
