//! Signing in elsewhere: whom a provider's word lets in, and as whom.

use ostiary_auth::Errand;
use ostiary_auth::password::unknown_password;
use ostiary_model::{
    AuditAction, AuditActor, AuditEntry, Email, Identity, IdentityId, Name, SignInMethod, User, UserId,
};
use ostiary_storage::{StorageError, StoredUser, Unrecorded};
use serde_json::json;
use url::Url;

use crate::error::ApiError;
use crate::extract::Origin;
use crate::ops::founding::{Founder, Look, found};
use crate::ops::person::events;
use crate::provider::{ProviderPerson, SignInProvider};
use crate::state::ApiState;

/// Why somebody who signed in elsewhere is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Somebody has signed up with the address, and nobody knows whether it is the same person.
    SignInToLink,
    /// The provider does not vouch for the address of somebody new.
    EmailNotVerified,
    /// The identity is somebody else's.
    LinkedToSomebodyElse,
}

impl Turned {
    /// The word for it in the address of the page that is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInToLink => "sign_in_to_link",
            Self::EmailNotVerified => "email_not_verified",
            Self::LinkedToSomebodyElse => "linked_to_somebody_else",
        }
    }
}

/// Who was let in.
#[derive(Debug)]
pub enum Arrival {
    /// Somebody who is known.
    Known(Box<User>),
    /// Somebody who has just signed up, with their first account and its session.
    New(Box<ostiary_model::Session>),
}

/// The provider.
///
/// # Errors
///
/// [`ApiError::NoProvider`].
pub fn provider(state: &ApiState) -> Result<&dyn SignInProvider, ApiError> {
    state.provider.as_deref().ok_or(ApiError::NoProvider)
}

/// Where the provider sends browsers back to.
///
/// # Errors
///
/// A public URL below which there is nothing, which configuration refuses.
pub fn redirect(state: &ApiState) -> Result<Url, ApiError> {
    let base = state.settings.public_url.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}/api/v1/auth/provider/callback")).map_err(|error| ApiError::Internal(error.into()))
}

/// The page to go to, if it is one of this installation; the first page otherwise.
///
/// SECURITY: nobody is led to another site by a link to this one.
#[must_use]
pub fn page(state: &ApiState, to: Option<&str>) -> String {
    let base = &state.settings.public_url;
    let to = to.filter(|to| to.starts_with('/')).and_then(|to| base.join(to).ok());
    match to.filter(|to| to.origin() == base.origin()) {
        Some(to) => match to.query() {
            Some(query) => format!("{}?{query}", to.path()),
            None => to.path().to_owned(),
        },
        None => "/".to_owned(),
    }
}

/// Lets somebody in by the word of the provider: who is linked to the identity; or who has the same address, if both
/// sides know that mail reaches them there; or somebody new, if the provider vouches for the address.
///
/// # Errors
///
/// Those of the database; within: why nobody is let in.
pub async fn arrive(
    state: &ApiState,
    person: &ProviderPerson,
    origin: &Origin,
) -> Result<Result<Arrival, Turned>, ApiError> {
    if let Some(identity) = state.store.find_identity(&person.issuer, &person.subject).await? {
        let user = state.store.get_user(identity.user_id).await?.ok_or(ApiError::NotFound)?.user;
        let mut transaction = state.begin().await?;
        transaction.use_identity(identity.id, state.clock.now()).await?;
        transaction.commit(Unrecorded::LastUse.into()).await?;
        return Ok(Ok(Arrival::Known(Box::new(user))));
    }
    let email = person.email.as_deref().and_then(|email| Email::parse(email).ok());
    let Some(email) = email.filter(|_| person.is_email_verified) else {
        return Ok(Err(Turned::EmailNotVerified));
    };
    match state.store.find_user_by_email(&email).await? {
        // SECURITY: whoever signs up with a password proves nothing about the address. Were the provider's word enough,
        // somebody could sign up with another's address and wait for them.
        Some(stored) if stored.user.email_verified_at.is_none() => Ok(Err(Turned::SignInToLink)),
        Some(stored) => {
            let linked = link(state, &stored.user, person).await?;
            Ok(linked.map(|()| Arrival::Known(Box::new(stored.user))))
        }
        None => sign_up(state, email, person, origin).await.map(Ok),
    }
}

/// Links an identity to a user.
///
/// # Errors
///
/// Those of the database; within: the identity is somebody else's.
pub async fn link(state: &ApiState, user: &User, person: &ProviderPerson) -> Result<Result<(), Turned>, ApiError> {
    let identity = identity(state, user.id, person);
    let after = json!({"issuer": identity.issuer, "email": identity.email});
    let events = events(state, user, AuditAction::IdentityLinked).await?.into_iter();
    let mut transaction = state.begin().await?;
    match transaction.create_identity(&identity).await {
        Ok(()) => {}
        Err(StorageError::Conflict { .. }) => {
            drop(transaction);
            let known = state.store.find_identity(&person.issuer, &person.subject).await?;
            let is_theirs = known.is_some_and(|known| known.user_id == user.id);
            return Ok(if is_theirs { Ok(()) } else { Err(Turned::LinkedToSomebodyElse) });
        }
        Err(error) => return Err(error.into()),
    }
    transaction.commit(events.map(|event| event.after(&after)).collect::<Vec<_>>().into()).await?;
    Ok(Ok(()))
}

/// Somebody new, whose address the provider vouches for. Their password is one that nobody knows.
async fn sign_up(
    state: &ApiState,
    email: Email,
    person: &ProviderPerson,
    origin: &Origin,
) -> Result<Arrival, ApiError> {
    let password_hash = state.passwords.hash(unknown_password()).await?;
    let now = state.clock.now();
    let name = email.as_str().split('@').next().unwrap_or_default();
    let name = Name::parse(name).map_err(|error| ApiError::Internal(error.into()))?;
    let user = User { id: UserId::generate(), email, created_at: now, email_verified_at: Some(now) };
    let stored = StoredUser { user, password_hash };
    let look = Look::Begin(origin, SignInMethod::Provider);
    let (account, session) = found(state, Founder::New(&stored), name, look).await?;
    // Should this fail, the next sign-in links the two: both sides know the address.
    let identity = identity(state, stored.user.id, person);
    let actor = AuditActor::user(&stored.user);
    let event = AuditEntry::new(account.id, now, actor, AuditAction::IdentityLinked, stored.user.id);
    let mut transaction = state.begin().await?;
    transaction.create_identity(&identity).await?;
    transaction.commit(event.after(&json!({"issuer": identity.issuer, "email": identity.email})).into()).await?;
    Ok(Arrival::New(Box::new(session)))
}

fn identity(state: &ApiState, user_id: UserId, person: &ProviderPerson) -> Identity {
    let now = state.clock.now();
    Identity {
        id: IdentityId::generate(),
        user_id,
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        email: person.email.clone(),
        created_at: now,
        last_used_at: now,
    }
}

/// Begins an errand; answers where the browser goes.
///
/// # Errors
///
/// [`ApiError::NoProvider`], [`ApiError::ProviderFailed`].
pub async fn send(state: &ApiState, errand: &Errand) -> Result<Url, ApiError> {
    provider(state)?.address(errand, &redirect(state)?).await.map_err(ApiError::ProviderFailed)
}
