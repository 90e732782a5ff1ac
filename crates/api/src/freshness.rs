//! Telling the path of a call that something changed.

use async_trait::async_trait;
use ostiary_model::AccountId;

/// Moves an account on, so that no call which starts afterwards is decided by anything older.
///
/// Told before a change is committed, and between the commit and the answer.
#[async_trait]
pub trait Freshness: std::fmt::Debug + Send + Sync {
    /// Hears that a change is about to be committed, so that it is noticed even if this process ends before it can move
    /// the account on. Where that takes the whole path of a call along, there is nothing to do.
    ///
    /// # Errors
    ///
    /// When nobody would notice the change. It is then not made.
    async fn prepare(&self, _account_id: AccountId) -> Result<(), NotPreparedError> {
        Ok(())
    }

    /// Moves the account on.
    ///
    /// # Errors
    ///
    /// When it cannot be said for sure that every replica will notice. The change is committed
    /// all the same; the caller is told that it may not be in force yet.
    async fn advance(&self, account_id: AccountId) -> Result<(), FreshnessError>;
}

/// It is not sure that every replica will notice a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the change is stored but may not be in force yet")]
pub struct FreshnessError;

/// Nobody would notice a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the change was not made, because it would not come into force")]
pub struct NotPreparedError;
