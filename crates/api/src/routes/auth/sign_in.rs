//! `POST /auth/sign-in`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use ostiary_auth::Verdict;
use ostiary_auth::session::cookie;
use ostiary_model::{AuditAction, AuditActor, AuditEntry, Email, Session, SessionId};

use crate::dto::account::{Me, SignInRequest};
use crate::error::ApiError;
use crate::extract::Json;
use crate::ops::account::me_as_user;
use crate::problems::{Always, Body, SigningIn};
use crate::state::ApiState;

/// Signs in with e-mail address and password.
#[utoipa::path(
    post,
    path = "/auth/sign-in",
    operation_id = "sign_in",
    tag = "auth",
    security(()),
    request_body = SignInRequest,
    responses((status = 200, description = "Signed in.", body = Me), Body, SigningIn, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Json(request): Json<SignInRequest>,
) -> Result<Response, ApiError> {
    // SECURITY: an address that is none is treated like one that nobody has, with the same work.
    let email = Email::parse(&request.email).ok();
    let key = email.as_ref().map_or("", Email::as_str).to_owned();
    let now = state.clock.now();
    let may_try = state.sign_ins.begin(&key, now.timestamp_millis());
    may_try.map_err(|retry_after_ms| ApiError::RateLimited { retry_after_ms })?;
    let stored = match &email {
        Some(email) => state.store.find_user_by_email(email).await?,
        None => None,
    };
    let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
    let verdict = state.passwords.verify(request.password, hash).await?;
    let (Some(stored), Verdict::Right { upgraded }) = (stored, verdict) else {
        return Err(ApiError::WrongCredentials);
    };
    state.sign_ins.forget(&key);

    let memberships = state.store.list_memberships(stored.user.id).await?;
    let member = memberships.into_iter().next().ok_or(ApiError::WrongCredentials)?;
    let account = state.store.get_account(member.account_id).await?.ok_or(ApiError::WrongCredentials)?;
    let lifetime = state.settings.session_lifetime;
    let session = Session {
        id: SessionId::generate(),
        user_id: stored.user.id,
        account_id: account.id,
        created_at: now,
        expires_at: now + lifetime,
    };
    let mut transaction = state.store.begin().await?;
    if let Some(hash) = upgraded {
        transaction.update_password_hash(stored.user.id, &hash).await?;
    }
    transaction.create_session(&session).await?;
    let actor = AuditActor::user(&stored.user);
    let event = AuditEntry::new(account.id, now, actor, AuditAction::SessionCreated, session.id);
    transaction.commit(event.into()).await?;

    let token = state.session_tokens.issue(&session).map_err(|error| ApiError::Internal(error.into()))?;
    let set_cookie = cookie::build(&token, lifetime, state.cookie_transport());
    let me: Me = me_as_user(&state, &stored.user, &account, member.role);
    Ok(([(SET_COOKIE, set_cookie)], axum::Json(me)).into_response())
}
