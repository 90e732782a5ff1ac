//! Names of keys: all of an account in one hash slot, out of a fixed number.

use ostiary_counters::CounterKey;
use ostiary_model::{AccountId, DecisionId};

/// One part of the key space, with a stream of records of its own. All accounts of it are on one server of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(u16);

/// Makes the names. Every replica must use the same prefix and number of shards.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
    shards: u16,
}

impl Shard {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl Keys {
    pub(super) fn new(prefix: &str, shards: u16) -> Self {
        Self { prefix: prefix.to_owned(), shards: shards.max(1) }
    }

    /// The shard of an account, by the random end of its id.
    pub(super) fn shard(&self, account_id: AccountId) -> Shard {
        let end = account_id.as_uuid().as_u128() as u32;
        Shard((end % u32::from(self.shards)) as u16)
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = Shard> + use<> {
        (0..self.shards).map(Shard)
    }

    pub(super) fn epoch(&self, account_id: AccountId) -> String {
        self.name(self.shard(account_id), format_args!("epoch:{}", account_id.as_uuid().simple()))
    }

    /// The account's list of counters, by which their number is bounded.
    pub(super) fn index(&self, account_id: AccountId) -> String {
        self.name(self.shard(account_id), format_args!("index:{}", account_id.as_uuid().simple()))
    }

    pub(super) fn counter(&self, shard: Shard, key: CounterKey) -> String {
        self.name(shard, format_args!("counter:{key}"))
    }

    /// The mark of a call that has given back.
    pub(super) fn settled(&self, shard: Shard, decision_id: DecisionId) -> String {
        self.name(shard, format_args!("settled:{}", decision_id.as_uuid().simple()))
    }

    /// What one replica leaves for the others.
    pub(super) fn left(&self, account_id: AccountId, name: &str) -> String {
        self.name(self.shard(account_id), format_args!("left:{}:{name}", account_id.as_uuid().simple()))
    }

    pub(super) fn time(&self, shard: Shard) -> String {
        self.name(shard, format_args!("time"))
    }

    /// Since when the shard's counters are whole.
    pub(super) fn since(&self, shard: Shard) -> String {
        self.name(shard, format_args!("since"))
    }

    /// How what the shard holds began.
    pub(super) fn beginning(&self, shard: Shard) -> String {
        self.name(shard, format_args!("beginning"))
    }

    pub(super) fn records(&self, shard: Shard) -> String {
        self.name(shard, format_args!("records"))
    }

    /// How many records each account has added lately, while many wait.
    pub(super) fn shares(&self, shard: Shard) -> String {
        self.name(shard, format_args!("shares"))
    }

    /// Records that nobody could read.
    pub(super) fn set_aside(&self, shard: Shard) -> String {
        self.name(shard, format_args!("records:set_aside"))
    }

    /// Who moves the shard's records.
    pub(super) fn holder(&self, shard: Shard) -> String {
        self.name(shard, format_args!("holder"))
    }

    fn name(&self, shard: Shard, rest: std::fmt::Arguments<'_>) -> String {
        format!("{}:{{s{:02}}}:{rest}", self.prefix, shard.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_an_account_share_one_hash_tag() {
        let keys = Keys::new("ostiary", 16);
        let account_id = AccountId::generate();
        let shard = keys.shard(account_id);
        let tag = format!("ostiary:{{s{:02}}}:", shard.number());
        for key in [
            keys.epoch(account_id),
            keys.index(account_id),
            keys.left(account_id, "a"),
            keys.counter(shard, CounterKey::from_bytes([1; 16])),
            keys.settled(shard, DecisionId::generate()),
            keys.time(shard),
            keys.since(shard),
            keys.beginning(shard),
            keys.records(shard),
            keys.shares(shard),
            keys.set_aside(shard),
            keys.holder(shard),
        ] {
            assert!(key.starts_with(&tag), "{key}");
        }
    }

    #[test]
    fn accounts_are_spread_over_all_shards() {
        let keys = Keys::new("ostiary", 4);
        let mut seen: Vec<Shard> = (0..200).map(|_| keys.shard(AccountId::generate())).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, keys.shards().collect::<Vec<_>>());
    }
}
