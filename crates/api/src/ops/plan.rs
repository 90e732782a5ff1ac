//! What the plan of an account allows.

use ostiary_model::{AccountId, Email};
use ostiary_storage::Transaction;

use crate::error::ApiError;
use crate::state::ApiState;

/// What a transaction is about to add to an account.
#[derive(Clone, Copy, Debug)]
pub enum Added<'a> {
    /// A server.
    Server,
    /// A grant.
    Grant,
    /// A member, who was invited before.
    Member,
    /// An invitation to this address, in place of the one before.
    Invitation(&'a Email),
}

/// Holds the account until the transaction ends, and looks whether its plan allows what is to be added. To be called
/// first in the transaction: nobody then waits for the account with something else in hand.
///
/// # Errors
///
/// [`ApiError::PlanLimitReached`] where it does not; those of the database.
pub async fn hold(
    state: &ApiState,
    transaction: &mut dyn Transaction,
    account_id: AccountId,
    added: Added<'_>,
) -> Result<(), ApiError> {
    let account = transaction.lock_account(account_id).await?.ok_or(ApiError::NotFound)?;
    let plan = state.settings.plans.of(&account.plan);
    let (one, more, max) = match added {
        Added::Server => ("server", "servers", plan.limits.servers),
        Added::Grant => ("grant", "grants", plan.limits.grants),
        Added::Member => ("member", "members", plan.limits.members),
        Added::Invitation(_) => ("member, with those invited", "members, with those invited", plan.limits.members),
    };
    let Some(max) = max else { return Ok(()) };
    let there = match added {
        Added::Server => transaction.count_servers(account_id, max).await?,
        Added::Grant => transaction.count_grants(account_id, max).await?,
        Added::Member => transaction.count_members(account_id, max).await?,
        Added::Invitation(email) => {
            let members = transaction.count_members(account_id, max).await?;
            members + transaction.count_invitations(account_id, state.clock.now(), email, max).await?
        }
    };
    if there >= u64::from(max) {
        let what = if max == 1 { one } else { more };
        return Err(ApiError::PlanLimitReached { what, plan: plan.name.clone(), max });
    }
    Ok(())
}
