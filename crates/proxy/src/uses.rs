//! When grants were last used, to the minute: noted in memory on the way of a call, written now and then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ostiary_model::{AccountId, GrantId};
use ostiary_storage::{StorageError, Store, Unrecorded};
use tokio_util::sync::CancellationToken;

/// How often what was noted is written. A process that is killed loses as much.
const WRITE_EVERY: Duration = Duration::from_secs(30);

/// The uses that are not written yet, one for each grant.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    noted: Mutex<HashMap<GrantId, (AccountId, DateTime<Utc>)>>,
}

impl Uses {
    /// Notes that a grant was used.
    pub(crate) fn note(&self, account_id: AccountId, grant_id: GrantId, at: DateTime<Utc>) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(grant_id, (account_id, at));
    }

    fn take(&self) -> Vec<(AccountId, GrantId, DateTime<Utc>)> {
        let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        noted.into_iter().map(|(grant_id, (account_id, at))| (account_id, grant_id, at)).collect()
    }

    /// Writes what is noted until `shutdown` is cancelled, and once more then.
    pub(crate) async fn write(&self, store: &dyn Store, shutdown: &CancellationToken) {
        loop {
            let is_last = tokio::time::timeout(WRITE_EVERY, shutdown.cancelled()).await.is_ok();
            let used = self.take();
            if !used.is_empty()
                && let Err(error) = touch(store, &used).await
            {
                // The next use of each grant notes it again.
                tracing::warn!(%error, grants = used.len(), "the last use of grants could not be written");
            }
            if is_last {
                return;
            }
        }
    }
}

async fn touch(store: &dyn Store, used: &[(AccountId, GrantId, DateTime<Utc>)]) -> Result<(), StorageError> {
    let mut transaction = store.begin().await?;
    transaction.touch_grants(used).await?;
    transaction.commit(Unrecorded::LastUse.into()).await
}
