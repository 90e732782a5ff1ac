//! Epochs: whether what was read of an account is still the newest.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

use ostiary_model::AccountId;

/// Locks that accounts are spread over, so that one account's changes do not hold up the calls of all.
const SHARDS: usize = 16;

/// One number for each account, which only rises.
///
/// Who changes what calls are decided by commits the change, moves the epoch, and only then acknowledges. Who decides
/// calls reads the epoch before reading what decides, and asks again when the call is admitted: while the number is the
/// same, nothing acknowledged has been missed.
#[derive(Debug, Default)]
pub struct Epochs {
    shards: [RwLock<HashMap<AccountId, u64>>; SHARDS],
    hasher: RandomState,
}

impl Epochs {
    /// Epochs of a process that has cached nothing yet: all zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The account's epoch.
    #[must_use]
    pub fn current(&self, account_id: AccountId) -> u64 {
        let shard = self.shard(account_id).read();
        shard.unwrap_or_else(PoisonError::into_inner).get(&account_id).copied().unwrap_or(0)
    }

    /// Moves the account's epoch on, and answers the new one. Every call that is admitted after this returns is decided
    /// by what was committed before.
    pub fn advance(&self, account_id: AccountId) -> u64 {
        let mut shard = self.shard(account_id).write().unwrap_or_else(PoisonError::into_inner);
        let epoch = shard.entry(account_id).or_default();
        *epoch = epoch.saturating_add(1);
        *epoch
    }

    #[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length")]
    fn shard(&self, account_id: AccountId) -> &RwLock<HashMap<AccountId, u64>> {
        &self.shards[self.hasher.hash_one(account_id) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_advanced_is_the_next_for_that_account_only() {
        let epochs = Epochs::new();
        let (changed, other) = (AccountId::generate(), AccountId::generate());
        assert_eq!(epochs.current(changed), 0);
        assert_eq!(epochs.advance(changed), 1);
        assert_eq!(epochs.advance(changed), 2);
        assert_eq!(epochs.current(changed), 2);
        assert_eq!(epochs.current(other), 0);
    }
}
