//! Browsers that are signed in.

use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use ostiary_auth::session::cookie;
use ostiary_model::{AccountId, Session, SessionId, SignInMethod, UserId};
use serde::Serialize;

use crate::error::ApiError;
use crate::extract::origin::Origin;
use crate::state::ApiState;

/// A session that begins now.
#[must_use]
pub fn begin(
    state: &ApiState,
    user_id: UserId,
    account_id: AccountId,
    origin: &Origin,
    method: SignInMethod,
) -> Session {
    let now = state.clock.now();
    Session {
        id: SessionId::generate(),
        user_id,
        account_id,
        created_at: now,
        expires_at: now + state.settings.session_lifetime,
        last_used_at: now,
        user_agent: origin.user_agent.clone(),
        address: origin.address.map(|address| address.to_string()),
        method,
    }
}

/// An answer that signs the browser in, and lets it be known again.
///
/// # Errors
///
/// When the session's token cannot be signed, which takes a defect.
pub fn signed_in(
    state: &ApiState,
    status: StatusCode,
    session: &Session,
    body: impl Serialize,
) -> Result<Response, ApiError> {
    let mut response = (status, axum::Json(body)).into_response();
    sign_in_with(state, session, response.headers_mut())?;
    Ok(response)
}

/// The cookies that sign the browser in, and let it be known again.
///
/// # Errors
///
/// When the session's token cannot be signed, which takes a defect.
pub fn sign_in_with(state: &ApiState, session: &Session, headers: &mut HeaderMap) -> Result<(), ApiError> {
    let token = state.session_tokens.issue(session).map_err(|error| ApiError::Internal(error.into()))?;
    let transport = state.cookie_transport();
    headers.append(SET_COOKIE, cookie::build(&token, state.settings.session_lifetime, transport));
    headers.append(SET_COOKIE, cookie::build_device(&state.devices.issue(session.user_id), transport));
    Ok(())
}
