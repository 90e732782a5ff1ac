//! `POST /auth/sign-in`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_auth::Verdict;
use ostiary_model::{Account, AuditAction, AuditActor, AuditEntry, Email, Name, Role, Session, SignInMethod, User};
use ostiary_storage::Unrecorded;
use serde_json::json;

use crate::dto::account::{Me, SignInRequest};
use crate::dto::second_factor::SecondFactorNeeded;
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::account::me_as_user;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::founding::{Founder, Look, found};
use crate::ops::second_factor::needed;
use crate::ops::session;
use crate::problems::{Always, Body, SigningIn};
use crate::state::ApiState;

/// Signs in with e-mail address and password. Somebody with a second factor is halfway in.
#[utoipa::path(
    post,
    path = "/auth/sign-in",
    operation_id = "sign_in",
    tag = "auth",
    security(()),
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in.", body = Me),
        (status = 202, description = "The second factor is to come.", body = SecondFactorNeeded),
        Body, SigningIn, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<SignInRequest>,
) -> Result<Response, ApiError> {
    // SECURITY: an address that is none is treated like one that nobody has, with the same work.
    let email = Email::parse(&request.email).ok();
    let stored = match &email {
        Some(email) => state.store.find_user_by_email(email).await?,
        None => None,
    };
    let counted = Counted::begin(&state, subjects(&origin, email.as_ref(), stored.as_ref().map(|s| &s.user))).await?;
    let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
    let verdict = state.passwords.verify(request.password, hash).await?;
    let (Some(stored), Verdict::Right { upgraded }) = (stored, verdict) else {
        return Err(ApiError::WrongCredentials);
    };
    counted.was_right(&state).await?;
    if let Some(hash) = upgraded {
        let mut transaction = state.begin().await?;
        transaction.update_password_hash(stored.user.id, &hash).await?;
        transaction.commit(Unrecorded::Housekeeping.into()).await?;
    }
    if let Some(needed) = needed(&state, &stored.user, SignInMethod::Password).await? {
        return Ok((StatusCode::ACCEPTED, axum::Json(needed)).into_response());
    }
    enter(&state, &stored.user, SignInMethod::Password, &origin).await
}

/// Signs somebody in who has proven who they are.
pub(crate) async fn enter(
    state: &ApiState,
    user: &User,
    method: SignInMethod,
    origin: &Origin,
) -> Result<Response, ApiError> {
    let (account, role, session) = look(state, user, method, origin).await?;
    let me: Me = me_as_user(state, user, &account, role);
    session::signed_in(state, StatusCode::OK, &session, me)
}

/// Whom a wrong password counts against: the client's address, and either the browser, where this user has signed in
/// with it before, or else the e-mail address.
fn subjects<'a>(origin: &Origin, email: Option<&'a Email>, user: Option<&User>) -> impl Iterator<Item = Subject<'a>> {
    let device = origin.device.filter(|(owner, _)| user.is_some_and(|user| user.id == *owner));
    let about = device.map(|(_, device)| Subject::Device(device)).or(email.map(Subject::Email));
    origin.address.map(Subject::Address).into_iter().chain(about)
}

/// A session in the user's oldest account that stays; somebody who has none gets a new one, as when signing up.
pub(crate) async fn look(
    state: &ApiState,
    user: &User,
    method: SignInMethod,
    origin: &Origin,
) -> Result<(Account, Role, Session), ApiError> {
    let mut closing = None;
    for member in state.store.list_memberships(user.id).await? {
        let Some(account) = state.store.get_account(member.account_id).await? else { continue };
        if account.delete_at.is_none() {
            let session = begin(state, user, &account, method, origin).await?;
            return Ok((account, member.role, session));
        }
        closing = closing.or(Some((account, member.role)));
    }
    if let Some((account, role)) = closing {
        let session = begin(state, user, &account, method, origin).await?;
        return Ok((account, role, session));
    }
    let name = user.email.as_str().split('@').next().unwrap_or_default();
    let name = Name::parse(name).map_err(|error| ApiError::Internal(error.into()))?;
    let (account, session) = found(state, Founder::Known(user), name, Look::Begin(origin, method)).await?;
    Ok((account, Role::Owner, session))
}

async fn begin(
    state: &ApiState,
    user: &User,
    account: &Account,
    method: SignInMethod,
    origin: &Origin,
) -> Result<Session, ApiError> {
    let session = session::begin(state, user.id, account.id, origin, method);
    let mut transaction = state.begin().await?;
    transaction.create_session(&session).await?;
    let actor = AuditActor::user(user);
    let event = AuditEntry::new(account.id, session.created_at, actor, AuditAction::SessionCreated, session.id);
    transaction.commit(event.after(&json!({"method": method})).into()).await?;
    Ok(session)
}
