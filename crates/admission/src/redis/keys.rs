//! Names of keys: all of an account in one hash slot, out of a fixed number.

use ostiary_counters::CounterKey;
use ostiary_model::{AccountId, DecisionId};
use uuid::Uuid;

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
        self.name_of(self.shard(account_id), "epoch:", account_id.as_uuid())
    }

    /// The account's list of counters, by which their number is bounded.
    pub(super) fn index(&self, account_id: AccountId) -> String {
        self.name_of(self.shard(account_id), "index:", account_id.as_uuid())
    }

    pub(super) fn counter(&self, shard: Shard, key: CounterKey) -> String {
        self.name(shard, "counter:", &key.to_string())
    }

    /// The mark of a call that has given back.
    pub(super) fn settled(&self, shard: Shard, decision_id: DecisionId) -> String {
        self.name_of(shard, "settled:", decision_id.as_uuid())
    }

    /// What one replica leaves for the others.
    pub(super) fn left(&self, account_id: AccountId, name: &str) -> String {
        let mut left = self.name_of(self.shard(account_id), "left:", account_id.as_uuid());
        left.extend([":", name]);
        left
    }

    pub(super) fn time(&self, shard: Shard) -> String {
        self.name(shard, "time", "")
    }

    /// Since when the shard's counters are whole.
    pub(super) fn since(&self, shard: Shard) -> String {
        self.name(shard, "since", "")
    }

    /// How what the shard holds began.
    pub(super) fn beginning(&self, shard: Shard) -> String {
        self.name(shard, "beginning", "")
    }

    pub(super) fn records(&self, shard: Shard) -> String {
        self.name(shard, "records", "")
    }

    /// How many records each account has added lately, while many wait.
    pub(super) fn shares(&self, shard: Shard) -> String {
        self.name(shard, "shares", "")
    }

    /// Records that nobody could read.
    pub(super) fn set_aside(&self, shard: Shard) -> String {
        self.name(shard, "records:set_aside", "")
    }

    /// Who moves the shard's records.
    pub(super) fn holder(&self, shard: Shard) -> String {
        self.name(shard, "holder", "")
    }

    fn name_of(&self, shard: Shard, kind: &str, id: &Uuid) -> String {
        self.name(shard, kind, id.simple().encode_lower(&mut Uuid::encode_buffer()))
    }

    /// Put together piece by piece: a call has ten of them.
    fn name(&self, shard: Shard, kind: &str, of: &str) -> String {
        let mut name = String::with_capacity(self.prefix.len() + kind.len() + of.len() + 12);
        name.push_str(&self.prefix);
        name.push_str(if shard.0 < 10 { ":{s0" } else { ":{s" });
        name.push_str(&shard.0.to_string());
        name.extend(["}:", kind, of]);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_key_says_the_shard_in_two_digits_or_more() {
        let keys = Keys::new("ostiary", 200);
        assert_eq!(keys.records(Shard(3)), "ostiary:{s03}:records");
        assert_eq!(keys.records(Shard(143)), "ostiary:{s143}:records");
        let id = AccountId::from_uuid(Uuid::from_u128(10));
        assert_eq!(keys.left(id, "a"), "ostiary:{s10}:left:0000000000000000000000000000000a:a");
    }

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
