//! `POST /auth/sign-out`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use ostiary_auth::session::cookie;
use ostiary_model::{AuditAction, AuditActor, AuditEntry, SessionId};

use crate::error::ApiError;
use crate::problems::{Always, NoOtherSite};
use crate::state::ApiState;

/// Signs out: ends the session and clears the cookie. Without a session there is nothing to do.
#[utoipa::path(
    post,
    path = "/auth/sign-out",
    operation_id = "sign_out",
    tag = "auth",
    security(()),
    responses((status = 204, description = "Signed out."), NoOtherSite, Always)
)]
pub(crate) async fn handler(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let token = cookie::find(&headers);
    if let Some(claims) = token.and_then(|token| state.session_tokens.verify(token, state.clock.now()).ok()) {
        end(&state, claims.session_id).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::clear(state.cookie_transport()))]).into_response())
}

async fn end(state: &ApiState, id: SessionId) -> Result<(), ApiError> {
    let now = state.clock.now();
    let Some(found) = state.store.find_session(id, now).await? else { return Ok(()) };
    let mut transaction = state.begin().await?;
    transaction.end_session(id).await?;
    let actor = AuditActor::user(&found.member.user);
    let event = AuditEntry::new(found.account.id, now, actor, AuditAction::SessionEnded, id);
    Ok(transaction.commit(event.into()).await?)
}
