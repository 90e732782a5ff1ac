//! `POST /auth/sign-up`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::SET_COOKIE;
use ostiary_auth::session::cookie;
use ostiary_model::{
    Account, AccountId, AuditAction, AuditActor, AuditEntry, Role, Session, SessionId, Slug, User, UserId,
};
use ostiary_storage::{StorageError, StoredUser};

use crate::dto::account::{Me, SignUpRequest};
use crate::error::ApiError;
use crate::extract::Json;
use crate::ops::account::me_as_user;
use crate::ops::audit;
use crate::problems::{Always, Body, NoOtherSite};
use crate::state::ApiState;

/// How often a slug is chosen anew when somebody else takes it in the same moment.
const ATTEMPTS: usize = 5;

/// Signs up: a new user, who owns a new account, signed in.
#[utoipa::path(
    post,
    path = "/auth/sign-up",
    operation_id = "sign_up",
    tag = "auth",
    security(()),
    request_body = SignUpRequest,
    responses((status = 201, description = "Signed up and signed in.", body = Me), Body, NoOtherSite, Always)
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    Json(request): Json<SignUpRequest>,
) -> Result<Response, ApiError> {
    if state.store.find_user_by_email(&request.email).await?.is_some() {
        return Err(email_taken());
    }
    let password_hash = state.passwords.hash(request.password).await?;
    let now = state.clock.now();
    let user =
        StoredUser { user: User { id: UserId::generate(), email: request.email, created_at: now }, password_hash };
    let base = Slug::from_name(request.account_name.as_str());
    let mut account = Account {
        id: AccountId::generate(),
        slug: free_slug(&state, base.as_ref(), 0).await?,
        name: request.account_name,
        created_at: now,
        updated_at: now,
    };
    let lifetime = state.settings.session_lifetime;
    let session = Session {
        id: SessionId::generate(),
        user_id: user.user.id,
        account_id: account.id,
        created_at: now,
        expires_at: now + lifetime,
    };
    let mut attempt = 0;
    loop {
        match store(&state, &user, &account, &session).await {
            Ok(()) => break,
            Err(StorageError::Conflict { constraint }) if constraint == "users_email_key" => return Err(email_taken()),
            Err(StorageError::Conflict { constraint }) if constraint == "accounts_slug_key" && attempt < ATTEMPTS => {
                attempt += 1;
                account.slug = free_slug(&state, base.as_ref(), attempt).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let token = state.session_tokens.issue(&session).map_err(|error| ApiError::Internal(error.into()))?;
    let set_cookie = cookie::build(&token, lifetime, state.cookie_transport());
    let me = me_as_user(&state, &user.user, &account, Role::Owner);
    Ok((StatusCode::CREATED, [(SET_COOKIE, set_cookie)], axum::Json(me)).into_response())
}

async fn store(state: &ApiState, user: &StoredUser, account: &Account, session: &Session) -> Result<(), StorageError> {
    let mut transaction = state.store.begin().await?;
    transaction.create_user(user).await?;
    transaction.create_account(account).await?;
    transaction.create_member(account.id, user.user.id, Role::Owner, account.created_at).await?;
    transaction.create_session(session).await?;
    let actor = AuditActor::user(&user.user);
    let event = AuditEntry::new(account.id, account.created_at, actor, AuditAction::AccountCreated, account.id);
    transaction.commit(event.after(&audit::account(account)).into()).await
}

/// The slug of the name, or the first that is free with a number behind it.
async fn free_slug(state: &ApiState, base: Option<&Slug>, attempt: usize) -> Result<Slug, ApiError> {
    let base = base.map_or("account", Slug::as_str);
    // Room for a hyphen and eight characters within the 40 of a slug.
    let short: String = base.chars().take(31).collect();
    let short = short.trim_end_matches('-');
    let numbered = (2..=9).map(|number| format!("{short}-{number}"));
    for text in std::iter::once(base.to_owned()).chain(numbered).skip(attempt) {
        if let Ok(slug) = Slug::parse(&text)
            && state.store.find_account_by_slug(&slug).await?.is_none()
        {
            return Ok(slug);
        }
    }
    let id = AccountId::generate().to_string();
    let random = id.get(id.len().saturating_sub(8)..).unwrap_or_default();
    Slug::parse(&format!("{short}-{random}")).map_err(|error| ApiError::Internal(error.into()))
}

fn email_taken() -> ApiError {
    ApiError::invalid("/email", "email_taken", "somebody has signed up with this address; sign in instead")
}
