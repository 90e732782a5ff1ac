//! Telling the path of a call that something changed.

use async_trait::async_trait;
use ostiary_model::AccountId;

/// Moves an account on, so that no call which starts afterwards is decided by anything older.
///
/// Called between the commit of a change and its answer.
#[async_trait]
pub trait Freshness: std::fmt::Debug + Send + Sync {
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
