//! `POST /auth/sign-up`

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use ostiary_model::{Role, SignInMethod, User, UserId};
use ostiary_storage::StoredUser;

use crate::dto::account::{Me, SignUpRequest};
use crate::error::ApiError;
use crate::extract::{Json, Origin};
use crate::ops::account::me_as_user;
use crate::ops::attempts::{Counted, Subject};
use crate::ops::founding::{Founder, Look, found};
use crate::ops::{session, verification};
use crate::problems::{Always, Body, Open};
use crate::state::ApiState;

/// Signs up: a new user, who owns a new account, signed in.
#[utoipa::path(
    post,
    path = "/auth/sign-up",
    operation_id = "sign_up",
    tag = "auth",
    security(()),
    request_body = SignUpRequest,
    responses((status = 201, description = "Signed up and signed in.", body = Me), Body, Open, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    origin: Origin,
    Json(request): Json<SignUpRequest>,
) -> Result<Response, ApiError> {
    // SECURITY: the answer tells that an address is taken, since signing up is done in one step. What can be done is
    // that nobody asks for many, and that the time says nothing before the answer does.
    let counted = Counted::begin(&state, origin.address.map(Subject::SignUp)).await?;
    let password_hash = state.passwords.hash(request.password).await?;
    if state.store.find_user_by_email(&request.email).await?.is_some() {
        return Err(ApiError::EmailTaken);
    }
    let now = state.clock.now();
    let user = User { id: UserId::generate(), email: request.email, created_at: now, email_verified_at: None };
    let stored = StoredUser { user, password_hash };
    let founder = Founder::New(&stored);
    let (account, session) =
        found(&state, founder, request.account_name, Look::Begin(&origin, SignInMethod::Password)).await?;
    counted.was_right(&state).await?;
    if state.mail.is_some() {
        state.send_mail_later(verification::prepare(&state, &stored.user).await?);
    }
    let me: Me = me_as_user(&state, &stored.user, &account, Role::Owner);
    session::signed_in(&state, StatusCode::CREATED, &session, me)
}
