//! Who is calling: the session cookie of a browser, or an API key.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::request::Parts;
use ostiary_auth::session::cookie;
use ostiary_auth::{TokenHash, TokenKind, bearer};
use ostiary_edge::ClientAddress;
use ostiary_model::{
    Account, AccountId, ApiKey, AuditAction, AuditActor, AuditEntry, AuditObject, Permission, Role, Session, User,
    UserId,
};
use ostiary_storage::Unrecorded;

use crate::error::ApiError;
use crate::rate::AccountStanding;
use crate::state::ApiState;

/// Who is calling, and in which account.
#[derive(Clone, Debug)]
pub struct Current {
    /// The account.
    pub account: Account,
    /// What the caller may do in it.
    pub role: Role,
    /// Who it is.
    pub actor: Actor,
}

/// A caller.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A signed-in user.
    User {
        /// The user.
        user: User,
        /// The browser they signed in with.
        session: Session,
    },
    /// An API key.
    Key {
        /// Its record.
        key: ApiKey,
        /// What it is looked up by.
        hash: TokenHash,
    },
}

impl Actor {
    /// Who that is in audit events.
    #[must_use]
    pub fn audit(&self) -> AuditActor {
        match self {
            Self::User { user, .. } => AuditActor::user(user),
            Self::Key { key, .. } => AuditActor::api_key(key),
        }
    }

    /// Who answers for what is done: the user, or whoever minted the key.
    #[must_use]
    pub const fn user_id(&self) -> UserId {
        match self {
            Self::User { user, .. } => user.id,
            Self::Key { key, .. } => key.created_by,
        }
    }

    /// The text that says who did something.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::User { user, .. } => user.id.to_string(),
            Self::Key { key, .. } => key.id.to_string(),
        }
    }
}

impl Current {
    /// The audit event of something that the caller does now.
    #[must_use]
    pub fn event(&self, state: &ApiState, action: AuditAction, object: impl Into<AuditObject>) -> AuditEntry {
        AuditEntry::new(self.account.id, state.clock.now(), self.actor.audit(), action, object)
    }

    /// The account that everything is read and written in.
    #[must_use]
    pub const fn account_id(&self) -> AccountId {
        self.account.id
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Current
where
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let state = ApiState::from_ref(state);
        // An `Authorization` header decides alone: a browser's cookie never stands in for a bad key.
        let current = if parts.headers.contains_key(http::header::AUTHORIZATION) {
            let token = bearer(&parts.headers).ok_or(ApiError::Unauthenticated)?;
            by_key(&state, token).await?.ok_or_else(|| guessed(&state, parts))?
        } else {
            by_session(&state, cookie::find(&parts.headers).ok_or(ApiError::Unauthenticated)?).await?
        };
        let now_ms = state.clock.now().timestamp_millis();
        state.rates.take(current.account.id, parts.extensions.get::<AccountStanding>(), now_ms)?;
        Ok(current)
    }
}

async fn by_session(state: &ApiState, token: &str) -> Result<Current, ApiError> {
    let now = state.clock.now();
    let claims = state.session_tokens.verify(token, now).map_err(|_| ApiError::Unauthenticated)?;
    let found = state.store.find_session(claims.session_id, now).await?.ok_or(ApiError::Unauthenticated)?;
    if now - found.session.last_used_at >= TimeDelta::minutes(1) {
        let mut transaction = state.begin_unasked().await?;
        transaction.touch_session(found.session.id, now).await?;
        transaction.commit(Unrecorded::LastUse.into()).await?;
    }
    Ok(Current {
        account: found.account,
        role: found.member.role,
        actor: Actor::User { user: found.member.user, session: found.session },
    })
}

/// Nobody for a key that never was one.
async fn by_key(state: &ApiState, token: &str) -> Result<Option<Current>, ApiError> {
    let Ok(hash) = TokenHash::of(TokenKind::ApiKey, token) else { return Ok(None) };
    let Some(found) = state.store.find_api_key_by_hash(hash.as_bytes()).await? else { return Ok(None) };
    let now = state.clock.now();
    if !is_live(&found.key, now) {
        return Err(ApiError::Unauthenticated);
    }
    if found.key.last_used_at.is_none_or(|at| now - at >= TimeDelta::minutes(1)) {
        let mut transaction = state.begin_unasked().await?;
        transaction.touch_api_key(found.account.id, found.key.id, now).await?;
        transaction.commit(Unrecorded::LastUse.into()).await?;
    }
    Ok(Some(Current { account: found.account, role: found.key.role, actor: Actor::Key { key: found.key, hash } }))
}

/// Counts a key that never was one, by where it comes from. Whose it was to be, nobody can tell.
fn guessed(state: &ApiState, parts: &Parts) -> ApiError {
    let address = parts.extensions.get::<ClientAddress>().map(|client| client.0);
    match state.guesses.count(address, None, state.clock.now().timestamp_millis()) {
        Some(retry_after_ms) => ApiError::RateLimited { retry_after_ms },
        None => ApiError::Unauthenticated,
    }
}

/// Whether a key opens anything at `now`.
pub(crate) fn is_live(key: &ApiKey, now: DateTime<Utc>) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|at| at > now)
}

/// A permission as a type, so that it stands in the signature of each handler.
pub trait Permit: Send + Sync {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permit for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

permits! {
    /// See what the account has.
    View;
    /// Policies and what belongs to them.
    ManagePolicies;
    /// Servers, grants, API keys.
    ManageAccess;
    /// Members, and the account's name.
    ManageMembers;
    /// Deletion and transfer of the account.
    ManageAccount;
}

/// A caller who may do what `P` says. Refused before anything of the request's body is read.
#[derive(Clone, Debug)]
pub struct May<P> {
    current: Current,
    permit: PhantomData<P>,
}

impl<P> Deref for May<P> {
    type Target = Current;

    fn deref(&self) -> &Current {
        &self.current
    }
}

impl<S: Send + Sync, P: Permit> FromRequestParts<S> for May<P>
where
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let current = Current::from_request_parts(parts, state).await?;
        if !current.role.allows(P::PERMISSION) {
            return Err(ApiError::Forbidden);
        }
        // What is going to be deleted is looked at, restored or handed over, and not worked in.
        let is_open = matches!(P::PERMISSION, Permission::View | Permission::ManageAccount);
        if current.account.delete_at.is_some() && !is_open {
            return Err(ApiError::AccountClosing);
        }
        Ok(Self { current, permit: PhantomData })
    }
}

/// A person at a browser, whatever their role: what is done to how somebody signs in is nothing for API keys.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub user: User,
    /// Their browser; its account is the one they look at.
    pub session: Session,
}

impl Person {
    /// Who is signed in, if anybody is.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn find(state: &ApiState, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(token) = cookie::find(headers) else { return Ok(None) };
        match by_session(state, token).await.and_then(Self::of) {
            Ok(person) => Ok(Some(person)),
            Err(ApiError::Unauthenticated) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The audit event of something that they do now, in the account they look at.
    #[must_use]
    pub fn event(&self, state: &ApiState, action: AuditAction, object: impl Into<AuditObject>) -> AuditEntry {
        AuditEntry::new(self.session.account_id, state.clock.now(), AuditActor::user(&self.user), action, object)
    }

    fn of(current: Current) -> Result<Self, ApiError> {
        match current.actor {
            Actor::User { user, session } => Ok(Self { user, session }),
            Actor::Key { .. } => Err(ApiError::PeopleOnly),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person
where
    ApiState: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Current::from_request_parts(parts, state).await.and_then(Self::of)
    }
}
