//! What the plans of accounts are about: how much there is in an account. Hold it before you count, and until you have
//! added: [`crate::WriteAccounts::lock_account`].

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, Email, Holdings, PlanName};

use crate::StorageError;

/// Reads what plans limit.
#[async_trait]
pub trait ReadPlans {
    /// How much there is in an account at `now`.
    async fn count_holdings(&self, account_id: AccountId, now: DateTime<Utc>) -> Result<Holdings, StorageError>;

    /// The plans of accounts, by their ids, from behind `after`; at most `limit`.
    async fn list_account_plans(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<(AccountId, PlanName)>, StorageError>;
}

/// Writes, and counts, under the plan of an account.
#[async_trait]
pub trait WritePlans {
    /// Puts an account on another plan.
    async fn set_account_plan(
        &mut self,
        id: AccountId,
        plan: &PlanName,
        updated_at: DateTime<Utc>,
    ) -> Result<(), StorageError>;

    /// How many servers there are; counted up to `most`.
    async fn count_servers(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError>;

    /// How many grants there are that are not revoked; counted up to `most`.
    async fn count_grants(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError>;

    /// How many members there are; counted up to `most`.
    async fn count_members(&mut self, account_id: AccountId, most: u32) -> Result<u64, StorageError>;

    /// How many invitations to other addresses than `except` can be accepted at `now`; counted up to `most`.
    async fn count_invitations(
        &mut self,
        account_id: AccountId,
        now: DateTime<Utc>,
        except: &Email,
        most: u32,
    ) -> Result<u64, StorageError>;

    /// Removes the oldest decisions of an account from before a time, at most `limit` of them; answers how many.
    async fn delete_decisions_before(
        &mut self,
        account_id: AccountId,
        time: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
}
