//! People and their account, as they go over the wire.

use ostiary_model::{Account, Role, User};

use crate::dto::account::{Account as AccountDto, Me, MeApiKey, MeUser};
use crate::extract::{Actor, Current};
use crate::state::ApiState;

/// An account.
pub fn account(state: &ApiState, account: &Account) -> AccountDto {
    AccountDto {
        id: account.id,
        slug: account.slug.clone(),
        name: account.name.clone(),
        created_at: account.created_at,
        delete_at: account.delete_at,
        gateway_url: state.gateway_url(&account.slug, None),
    }
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
