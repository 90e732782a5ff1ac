//! What processes leave for each other, and share, where there are several.

mod sealed;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use ostiary_model::AccountId;

pub(crate) use sealed::{Sealed, name};

/// The others cannot be told, or heard, now.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("what processes leave for each other cannot be reached")]
pub struct MailboxError;

/// What is shared under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The text, if there is one.
    pub text: Option<String>,
    /// The notes beside it, in no order.
    pub notes: Vec<String>,
}

/// A note beside what is shared.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// Which note. One of the same key is replaced.
    pub key: &'a str,
    /// None to remove it.
    pub text: Option<&'a str>,
    /// With so many beside it another one is not taken.
    pub most: usize,
    /// How long all that is shared under the name is kept from now on.
    pub keep: Duration,
}

/// Short-lived texts under names, by account. They are sealed before they come here.
#[async_trait]
pub trait Mailbox: Debug + Send + Sync {
    /// Leaves a text for as long as `keep`; one of the same name is replaced.
    async fn leave(&self, account_id: AccountId, name: &str, text: &str, keep: Duration) -> Result<(), MailboxError>;

    /// Removes the texts under these names, and answers those that there were, in their order.
    async fn take(&self, account_id: AccountId, names: &[String]) -> Result<Vec<Option<String>>, MailboxError>;

    /// The text under a name, which stays.
    async fn look(&self, account_id: AccountId, name: &str) -> Result<Option<String>, MailboxError>;

    /// Shares a text under a name, unless there is one; answers the one that is shared then. This process used it last.
    async fn share(
        &self,
        account_id: AccountId,
        name: &str,
        text: &str,
        keep: Duration,
    ) -> Result<String, MailboxError>;

    /// What is shared under a name, kept for `keep` again. This process used it last.
    async fn shared(&self, account_id: AccountId, name: &str, keep: Duration) -> Result<Shared, MailboxError>;

    /// Takes back the text that is shared under a name, if it is still this one; with `as_last` only where no other
    /// process used it since. Answers whether it was taken. The notes stay.
    async fn unshare(&self, account_id: AccountId, name: &str, text: &str, as_last: bool)
    -> Result<bool, MailboxError>;

    /// Whether something is shared under each of these names.
    async fn is_shared(&self, account_id: AccountId, names: &[String]) -> Result<Vec<bool>, MailboxError>;

    /// Puts a note beside what is shared under a name, whether there is anything or not.
    async fn note(&self, account_id: AccountId, name: &str, note: Note<'_>) -> Result<(), MailboxError>;
}
