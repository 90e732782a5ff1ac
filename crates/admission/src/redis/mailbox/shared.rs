//! What replicas share for as long as one of them uses it: one text under a name, with notes beside it.
//!
//! It is known who used it last, so that one of them, and only one, ends what the text stands for when nobody does.

use std::time::Duration;

use ostiary_model::AccountId;

use crate::redis::link::LinkError;
use crate::redis::mailbox::RedisMailbox;
use crate::redis::script::{NOTE, SHARE, SHARED, UNSHARE, WHICH};
use crate::redis::value;

/// What is shared under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The text, if there is one.
    pub text: Option<String>,
    /// The notes beside it, in no order.
    pub notes: Vec<String>,
}

impl RedisMailbox {
    /// Shares a text under a name, unless there is one; answers the one that is shared then. This process used it last.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn share(
        &self,
        account_id: AccountId,
        name: &str,
        text: &str,
        keep: Duration,
    ) -> Result<String, LinkError> {
        let call = SHARE.on(vec![self.key(account_id, name)]).with(text).with(&self.process).with(millis(keep));
        let answer = self.epochs.link.run(&call).await?;
        value::text(&answer).map(str::to_owned).ok_or(LinkError::Answer)
    }

    /// What is shared under a name, kept for `keep` again. This process used it last.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn shared(&self, account_id: AccountId, name: &str, keep: Duration) -> Result<Shared, LinkError> {
        let call = SHARED.on(vec![self.key(account_id, name)]).with(&self.process).with(millis(keep));
        let answer = self.epochs.link.run(&call).await?;
        let mut shared = Shared::default();
        for pair in value::list(&answer).ok_or(LinkError::Answer)?.chunks_exact(2) {
            let [field, text] = pair else { continue };
            let (field, text) = value::text(field).zip(value::text(text)).ok_or(LinkError::Answer)?;
            match field {
                "text" => shared.text = Some(text.to_owned()),
                field if field.starts_with("n:") => shared.notes.push(text.to_owned()),
                _ => {}
            }
        }
        Ok(shared)
    }

    /// Takes back the text that is shared under a name, if it is still this one; with `as_last` only where no other
    /// process used it since. Answers whether it was taken. The notes stay.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn unshare(
        &self,
        account_id: AccountId,
        name: &str,
        text: &str,
        as_last: bool,
    ) -> Result<bool, LinkError> {
        let last = if as_last { &*self.process } else { "" };
        let answer = self.epochs.link.run(&UNSHARE.on(vec![self.key(account_id, name)]).with(text).with(last)).await?;
        value::number::<i64>(&answer).map(|taken| taken == 1).ok_or(LinkError::Answer)
    }

    /// Whether something is shared under each of these names.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn is_shared(&self, account_id: AccountId, names: &[String]) -> Result<Vec<bool>, LinkError> {
        let keys = names.iter().map(|name| self.key(account_id, name)).collect();
        let answer = self.epochs.link.run(&WHICH.on(keys)).await?;
        let there = value::list(&answer).filter(|there| there.len() == names.len()).ok_or(LinkError::Answer)?;
        Ok(there.iter().map(|there| value::number::<i64>(there) == Some(1)).collect())
    }

    /// Puts a note beside what is shared under a name, in place of the one of the same key; none removes it. Above `most`
    /// notes no other is taken.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn note(
        &self,
        account_id: AccountId,
        name: &str,
        key: &str,
        text: Option<&str>,
        most: usize,
        keep: Duration,
    ) -> Result<(), LinkError> {
        let call = NOTE.on(vec![self.key(account_id, name)]).with(key).with(text.unwrap_or_default()).with(most);
        self.epochs.link.run(&call.with(millis(keep))).await.map(drop)
    }
}

fn millis(keep: Duration) -> u128 {
    keep.as_millis().max(1)
}
