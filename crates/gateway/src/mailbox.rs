//! What gateways leave for each other, in the Redis that they share.

use std::time::Duration;

use async_trait::async_trait;
use ostiary_admission::RedisMailbox;
use ostiary_admission::redis::LinkError;
use ostiary_model::AccountId;
use ostiary_proxy::{Mailbox, MailboxError, Note, Shared};

/// The gateways' mailbox in Redis.
#[derive(Debug)]
pub(crate) struct SharedMailbox(pub(crate) RedisMailbox);

fn unreachable(error: &LinkError) -> MailboxError {
    tracing::warn!(error = error as &dyn std::error::Error, "what gateways leave for each other cannot be reached");
    MailboxError
}

#[async_trait]
impl Mailbox for SharedMailbox {
    async fn leave(&self, account_id: AccountId, name: &str, text: &str, keep: Duration) -> Result<(), MailboxError> {
        self.0.leave(account_id, name, text, keep).await.map_err(|error| unreachable(&error))
    }

    async fn take(&self, account_id: AccountId, names: &[String]) -> Result<Vec<Option<String>>, MailboxError> {
        self.0.take(account_id, names).await.map_err(|error| unreachable(&error))
    }

    async fn look(&self, account_id: AccountId, name: &str) -> Result<Option<String>, MailboxError> {
        self.0.look(account_id, name).await.map_err(|error| unreachable(&error))
    }

    async fn share(
        &self,
        account_id: AccountId,
        name: &str,
        text: &str,
        keep: Duration,
    ) -> Result<String, MailboxError> {
        self.0.share(account_id, name, text, keep).await.map_err(|error| unreachable(&error))
    }

    async fn shared(&self, account_id: AccountId, name: &str, keep: Duration) -> Result<Shared, MailboxError> {
        let shared = self.0.shared(account_id, name, keep).await.map_err(|error| unreachable(&error))?;
        Ok(Shared { text: shared.text, notes: shared.notes })
    }

    async fn unshare(
        &self,
        account_id: AccountId,
        name: &str,
        text: &str,
        as_last: bool,
    ) -> Result<bool, MailboxError> {
        self.0.unshare(account_id, name, text, as_last).await.map_err(|error| unreachable(&error))
    }

    async fn is_shared(&self, account_id: AccountId, names: &[String]) -> Result<Vec<bool>, MailboxError> {
        self.0.is_shared(account_id, names).await.map_err(|error| unreachable(&error))
    }

    async fn note(&self, account_id: AccountId, name: &str, note: Note<'_>) -> Result<(), MailboxError> {
        let Note { key, text, most, keep } = note;
        self.0.note(account_id, name, key, text, most, keep).await.map_err(|error| unreachable(&error))
    }
}
