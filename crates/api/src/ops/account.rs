//! People and their account, as they go over the wire.

use ostiary_model::{Account, AccountId, Role, User};
use ostiary_storage::Transaction;

use crate::dto::account::{Account as AccountDto, Me, MeApiKey, MeUser};
use crate::error::ApiError;
use crate::extract::{Actor, Current, IfMatch};
use crate::state::ApiState;
use crate::tag::Tag;

/// An account.
pub fn account(state: &ApiState, account: &Account) -> AccountDto {
    AccountDto {
        id: account.id,
        slug: account.slug.clone(),
        name: account.name.clone(),
        created_at: account.created_at,
        delete_at: account.delete_at,
        plan: state.settings.plans.of(&account.plan).name.clone(),
        gateway_url: state.gateway_url(&account.slug, None),
    }
}

/// The tag of an account: of everything that is shown of it.
///
/// # Errors
///
/// Never; writing an account as JSON cannot fail.
pub fn tag(shown: &AccountDto) -> Result<Tag, ApiError> {
    let text = serde_json::to_vec(shown).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Tag::of([text.as_slice()]))
}

/// The account as it is now, and stays until the transaction ends.
///
/// # Errors
///
/// [`ApiError::StaleVersion`] when the caller has seen another one.
pub async fn hold(
    state: &ApiState,
    transaction: &mut dyn Transaction,
    id: AccountId,
    if_match: &IfMatch,
) -> Result<Account, ApiError> {
    let held = transaction.lock_account(id).await?.ok_or(ApiError::NotFound)?;
    if_match.check(tag(&account(state, &held))?)?;
    Ok(held)
}

/// A signed-in user.
pub fn me_as_user(state: &ApiState, user: &User, in_account: &Account, role: Role) -> Me {
    Me {
        user: Some(MeUser {
            id: user.id,
            email: user.email.clone(),
            is_email_verified: user.email_verified_at.is_some(),
        }),
        account: account(state, in_account),
        role,
        api_key: None,
    }
}

/// Whoever is calling.
pub fn me(state: &ApiState, current: &Current) -> Me {
    match &current.actor {
        Actor::User { user, .. } => me_as_user(state, user, &current.account, current.role),
        Actor::Key { key, .. } => Me {
            user: None,
            account: account(state, &current.account),
            role: current.role,
            api_key: Some(MeApiKey { id: key.id, label: key.label.clone() }),
        },
    }
}
