//! New accounts: their slugs, and their first owner.

use ostiary_model::{
    Account, AccountId, AuditAction, AuditActor, AuditEntry, Name, Role, Session, SignInMethod, Slug, User,
};
use ostiary_storage::{StorageError, StoredUser, Transaction};

use crate::error::ApiError;
use crate::extract::origin::Origin;
use crate::ops::{audit, session};
use crate::state::ApiState;

/// How often a slug is chosen anew when somebody else takes it in the same moment.
const ATTEMPTS: usize = 5;

/// Who will own a new account.
#[derive(Clone, Copy, Debug)]
pub enum Founder<'a> {
    /// Somebody who signs up with it.
    New(&'a StoredUser),
    /// Somebody who is there.
    Known(&'a User),
}

impl Founder<'_> {
    const fn user(&self) -> &User {
        match self {
            Self::New(stored) => &stored.user,
            Self::Known(user) => user,
        }
    }
}

/// What looks at a new account.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// A session that begins with it, in this browser.
    Begin(&'a Origin, SignInMethod),
    /// A session of the founder that looked at another account.
    Turn(&'a Session),
}

/// Makes an account with its owner, and a session that looks at it.
///
/// # Errors
///
/// [`ApiError::EmailTaken`] when a new user's address is somebody's; those of the database.
pub async fn found(
    state: &ApiState,
    founder: Founder<'_>,
    name: Name,
    look: Look<'_>,
) -> Result<(Account, Session), ApiError> {
    let now = state.clock.now();
    let base = Slug::from_name(name.as_str());
    let mut account = Account {
        id: AccountId::generate(),
        slug: free_slug(state, base.as_ref(), 0).await?,
        name,
        created_at: now,
        updated_at: now,
        delete_at: None,
        plan: state.settings.plans.default_plan().name.clone(),
    };
    let session = match look {
        Look::Begin(origin, method) => session::begin(state, founder.user().id, account.id, origin, method),
        Look::Turn(session) => Session { account_id: account.id, ..session.clone() },
    };
    let mut attempt = 0;
    loop {
        let transaction = state.begin().await?;
        match store(transaction, founder, &account, look, &session).await {
            Ok(()) => return Ok((account, session)),
            Err(StorageError::Conflict { constraint }) if constraint == "users_email_key" => {
                return Err(ApiError::EmailTaken);
            }
            Err(StorageError::Conflict { constraint }) if constraint == "accounts_slug_key" && attempt < ATTEMPTS => {
                attempt += 1;
                account.slug = free_slug(state, base.as_ref(), attempt).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn store(
    mut transaction: Box<dyn Transaction>,
    founder: Founder<'_>,
    account: &Account,
    look: Look<'_>,
    session: &Session,
) -> Result<(), StorageError> {
    if let Founder::New(stored) = founder {
        transaction.create_user(stored).await?;
    }
    let user = founder.user();
    transaction.create_account(account).await?;
    transaction.create_member(account.id, user.id, Role::Owner, account.created_at).await?;
    match look {
        Look::Begin(..) => transaction.create_session(session).await?,
        Look::Turn(_) => transaction.move_session(session.id, account.id).await?,
    }
    let actor = AuditActor::user(user);
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
