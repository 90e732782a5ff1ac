//! What replicas leave for each other: short-lived texts, under names that both sides know.
//!
//! No replica listens: whoever expects something looks for it, so that nothing is lost with a connection, and one
//! server, a cluster and sentinels are used alike. Nothing here is on the path of a call that nobody answers or cancels.
//! What they share for longer is in [`shared`].

mod shared;

use std::sync::Arc;
use std::time::Duration;

use ostiary_model::AccountId;
use redis::Value;

use crate::redis::epochs::{RedisEpochs, new_token};
use crate::redis::link::LinkError;
use crate::redis::script::{LOOK, PUT, TAKE};
use crate::redis::value;

/// Texts in Redis, by account and name. They should be sealed: whoever reads Redis reads them.
#[derive(Clone, Debug)]
pub struct RedisMailbox {
    epochs: Arc<RedisEpochs>,
    /// Tells this process from the others.
    process: Arc<str>,
}

pub use shared::Shared;

impl RedisMailbox {
    /// In the Redis of these epochs.
    #[must_use]
    pub fn new(epochs: Arc<RedisEpochs>) -> Self {
        Self { epochs, process: new_token().into() }
    }

    /// Leaves a text under a name for as long as `keep`; one that is there is replaced.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn leave(&self, account_id: AccountId, name: &str, text: &str, keep: Duration) -> Result<(), LinkError> {
        let call = PUT.on(vec![self.key(account_id, name)]).with(text).with(keep.as_millis().max(1));
        self.epochs.link.run(&call).await.map(drop)
    }

    /// Removes the texts under these names, and answers those that there were, in their order.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn take(&self, account_id: AccountId, names: &[String]) -> Result<Vec<Option<String>>, LinkError> {
        let keys = names.iter().map(|name| self.key(account_id, name)).collect();
        let answer = self.epochs.link.run(&TAKE.on(keys)).await?;
        let texts = value::list(&answer).filter(|texts| texts.len() == names.len()).ok_or(LinkError::Answer)?;
        Ok(texts.iter().map(|text| value::text(text).map(str::to_owned)).collect())
    }

    /// The text under a name, which stays.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn look(&self, account_id: AccountId, name: &str) -> Result<Option<String>, LinkError> {
        let answer = self.epochs.link.run(&LOOK.on(vec![self.key(account_id, name)])).await?;
        match &answer {
            Value::Nil => Ok(None),
            found => value::text(found).map(str::to_owned).map(Some).ok_or(LinkError::Answer),
        }
    }

    fn key(&self, account_id: AccountId, name: &str) -> String {
        self.epochs.keys.left(account_id, name)
    }
}
