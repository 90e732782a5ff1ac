//! What processes leave for each other, where there are several.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use ostiary_model::AccountId;

/// The others cannot be told, or heard, now.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("what processes leave for each other cannot be reached")]
pub struct MailboxError;

/// Short-lived texts under names, by account. They are sealed before they come here.
#[async_trait]
pub trait Mailbox: Debug + Send + Sync {
    /// Leaves a text for as long as `keep`; one of the same name is replaced.
    async fn leave(&self, account_id: AccountId, name: &str, text: &str, keep: Duration) -> Result<(), MailboxError>;

    /// Removes the texts under these names, and answers those that there were, in their order.
    async fn take(&self, account_id: AccountId, names: &[String]) -> Result<Vec<Option<String>>, MailboxError>;

    /// The text under a name, which stays.
    async fn look(&self, account_id: AccountId, name: &str) -> Result<Option<String>, MailboxError>;
}
