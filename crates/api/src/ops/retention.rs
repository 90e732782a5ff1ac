//! Decisions of accounts whose plan keeps them for less long than the installation does.

use std::time::Duration;

use chrono::TimeDelta;
use ostiary_model::{AccountId, Plan};
use ostiary_storage::{StorageError, Unrecorded};

use crate::state::ApiState;

/// Accounts that are looked at together.
const ACCOUNTS: u32 = 200;

/// Decisions of one transaction: few enough that calls of others hardly wait for it.
const DECISIONS: u32 = 500;

/// Between two transactions, for those who wait to write.
const PAUSE: Duration = Duration::from_millis(50);

/// Removes what is past its account's retention; answers how much.
///
/// # Errors
///
/// Those of the database. What was removed until then stays removed.
pub async fn round(state: &ApiState) -> Result<u64, StorageError> {
    let plans = &state.settings.plans;
    if plans.iter().all(|plan| plan.limits.retention_days.is_none()) {
        return Ok(0);
    }
    let (mut after, mut removed) = (None, 0);
    loop {
        let accounts = state.store.list_account_plans(after, ACCOUNTS).await?;
        let Some((last, _)) = accounts.last() else { return Ok(removed) };
        after = Some(*last);
        for (account_id, plan) in &accounts {
            removed += remove(state, *account_id, plans.of(plan)).await?;
            if state.shutdown.is_cancelled() {
                return Ok(removed);
            }
        }
    }
}

async fn remove(state: &ApiState, account_id: AccountId, plan: &Plan) -> Result<u64, StorageError> {
    let Some(days) = plan.limits.retention_days else { return Ok(0) };
    let Some(oldest) = state.clock.now().checked_sub_signed(TimeDelta::days(i64::from(days))) else { return Ok(0) };
    let mut removed = 0;
    while !state.shutdown.is_cancelled() {
        let mut transaction = state.begin_unasked().await?;
        let some = transaction.delete_decisions_before(account_id, oldest, DECISIONS).await?;
        transaction.commit(Unrecorded::Housekeeping.into()).await?;
        removed += some;
        if some < u64::from(DECISIONS) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(removed)
}
