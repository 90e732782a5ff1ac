//! What goes by itself: accounts whose grace period is over, sessions and links that have expired.

use std::time::Duration;

use ostiary_model::AccountId;
use ostiary_storage::{StorageError, Unrecorded};

use crate::ops::retention;
use crate::state::ApiState;

/// How often it is looked.
const ROUND: Duration = Duration::from_secs(60);

/// Every so many rounds it is looked for decisions past the retention of their account's plan.
const RETENTION_EVERY: u64 = 60;

/// Accounts of one round.
const ACCOUNTS: u32 = 20;

/// Decisions of one transaction: few enough that calls of others hardly wait for it.
const DECISIONS: u32 = 1_000;

/// Looks once a minute until the process ends. Any number of processes may: what one has removed, the next does not
/// find.
pub async fn run(state: ApiState) {
    for number in 0_u64.. {
        if number.is_multiple_of(RETENTION_EVERY)
            && let Err(error) = retention::round(&state).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old decisions could not be removed; trying again"
            );
        }
        if let Err(error) = round(&state).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what is over could not be removed; trying again");
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Removes what is over.
///
/// # Errors
///
/// Those of the database. What was removed until then stays removed.
pub async fn round(state: &ApiState) -> Result<(), StorageError> {
    let now = state.clock.now();
    let mut transaction = state.begin_unasked().await?;
    transaction.sweep_expired(now).await?;
    transaction.commit(Unrecorded::Housekeeping.into()).await?;
    state.store.sweep_attempts(now.timestamp_millis()).await?;
    for account_id in state.store.list_accounts_to_delete(now, ACCOUNTS).await? {
        delete(state, account_id).await?;
    }
    Ok(())
}

/// Removes an account with everything in it: the decisions first and piece by piece, since there may be millions.
async fn delete(state: &ApiState, account_id: AccountId) -> Result<(), StorageError> {
    let now = state.clock.now();
    loop {
        let mut transaction = state.begin_unasked().await?;
        let deleted = transaction.delete_decisions(account_id, DECISIONS).await?;
        transaction.commit(Unrecorded::Housekeeping.into()).await?;
        if deleted < u64::from(DECISIONS) {
            break;
        }
        if state.shutdown.is_cancelled() {
            return Ok(());
        }
    }
    let mut transaction = state.begin_unasked().await?;
    match transaction.delete_account(account_id, now).await {
        // The chain of its audit events goes with it.
        Ok(()) => transaction.commit(Unrecorded::NoAccount.into()).await?,
        // Another process was faster.
        Err(StorageError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    }
    tracing::info!(account.id = %account_id, "an account is deleted for good");
    Ok(())
}
