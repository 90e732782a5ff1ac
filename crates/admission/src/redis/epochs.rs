//! Epochs that all replicas share.
//!
//! In Redis an account has a random token, another for every change, and nothing but equality is asked of it: a token
//! that is lost with its server is replaced by a new one, which no reader has seen. What a reader compares is the token
//! and the history of the server's data, so that a restart or a failover, which may lose the last writes, makes everyone
//! read again. In the process each new text of an account moves its number in [`Epochs`] on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use ostiary_model::{AccountId, DecisionId};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Epochs;
use crate::redis::keys::Keys;
use crate::redis::link::{LinkError, RedisLink};
use crate::redis::script::{ADVANCE, CURRENT, WAITING};
use crate::redis::value;

/// For how long a change may be on its way to the database: longer than any transaction may take.
pub const CHANGING: Duration = Duration::from_secs(60);

/// Epochs in Redis, for those who change what calls are decided by and for those who decide calls.
#[derive(Debug)]
pub struct RedisEpochs {
    pub(super) link: Arc<RedisLink>,
    pub(super) keys: Keys,
    numbers: Arc<Epochs>,
    known: Mutex<HashMap<AccountId, Known>>,
    /// Numbers that were made because Redis was away, and when.
    outages: Mutex<HashMap<AccountId, (u64, Instant)>>,
    /// The time of a test, in place of the server's.
    pub(super) given_ms: value::GivenTime,
}

/// What this process last heard of an account, and the number it gave that.
#[derive(Debug)]
struct Known {
    number: u64,
    text: String,
}

impl RedisEpochs {
    /// Epochs at a Redis; `numbers` are what this process calls them.
    #[must_use]
    pub fn new(link: Arc<RedisLink>, prefix: &str, shards: u16, numbers: Arc<Epochs>) -> Self {
        Self {
            link,
            keys: Keys::new(prefix, shards),
            numbers,
            known: Mutex::default(),
            outages: Mutex::default(),
            given_ms: value::GivenTime::default(),
        }
    }

    /// The number of the newest state of an account that this process has heard of. To be read before what decides
    /// calls is read; whether it is still the newest is found out when a call is admitted.
    #[must_use]
    pub fn current(&self, account_id: AccountId) -> u64 {
        self.numbers.current(account_id)
    }

    /// Says that a change is about to be committed. Should the process die before it can call
    /// [`RedisEpochs::advance`], everyone reads again after [`CHANGING`].
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached: the change should not be made.
    pub async fn prepare(&self, account_id: AccountId) -> Result<(), LinkError> {
        self.write(account_id, CHANGING).await
    }

    /// Moves the account on: every call that is admitted after this returns is decided by what was committed before.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached: the change must not be acknowledged. May be called again.
    pub async fn advance(&self, account_id: AccountId) -> Result<(), LinkError> {
        self.write(account_id, Duration::ZERO).await
    }

    /// Whether what was read at `number` is still the newest. One round trip, for what is not a call.
    ///
    /// # Errors
    ///
    /// When Redis cannot be reached.
    pub async fn is_fresh(&self, account_id: AccountId, number: u64) -> Result<bool, LinkError> {
        let call = CURRENT.on(self.of(account_id)).with(new_token()).with(self.given_ms.text());
        let answer = self.link.run(&call).await?;
        let text = value::text(&answer).ok_or(LinkError::Answer)?;
        let is_fresh = self.expected(account_id, number).is_some_and(|expected| expected == text);
        if !is_fresh {
            self.learn(account_id, text);
        }
        Ok(is_fresh)
    }

    /// Whether Redis answers. Of a cluster one server is enough: the accounts of the others fail for themselves.
    ///
    /// # Errors
    ///
    /// The last reason, when no shard answers.
    pub async fn ping(self: &Arc<Self>) -> Result<(), LinkError> {
        let mut asked = JoinSet::new();
        for shard in self.keys.shards() {
            let epochs = Arc::clone(self);
            asked.spawn(async move { epochs.link.run(&WAITING.on(vec![epochs.keys.records(shard)])).await });
        }
        let mut answer = Err(LinkError::Answer);
        while let Some(Ok(one)) = asked.join_next().await {
            match one {
                Ok(_) => return Ok(()),
                Err(error) => answer = Err(error),
            }
        }
        answer
    }

    /// A time in place of the server's, in milliseconds since the Unix epoch. It never goes back.
    #[cfg(feature = "contract")]
    pub fn set_now_ms(&self, now_ms: i64) {
        self.given_ms.set(now_ms);
    }

    async fn write(&self, account_id: AccountId, changing: Duration) -> Result<(), LinkError> {
        let call = ADVANCE.on(self.of(account_id)).with(new_token()).with(self.given_ms.text());
        let answer = self.link.run(&call.with(changing.as_millis())).await?;
        self.learn(account_id, value::text(&answer).ok_or(LinkError::Answer)?);
        Ok(())
    }

    /// What Redis must say for a call that was decided at `number`: empty when this process has heard of nothing yet,
    /// and none when it has heard of something newer.
    pub(super) fn expected(&self, account_id: AccountId, number: u64) -> Option<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.numbers.current(account_id) != number {
            return None;
        }
        let known = known.get(&account_id).filter(|known| known.number == number);
        Some(known.map(|known| known.text.clone()).unwrap_or_default())
    }

    /// Whether what was read at `number` was read since Redis went away, at most `since` ago. If not, it must be read
    /// again now, and the number moves on so that it will be.
    pub(super) fn is_read_in_outage(&self, account_id: AccountId, number: u64, since: Duration) -> bool {
        let mut outages = self.outages.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.numbers.current(account_id);
        match outages.get(&account_id) {
            Some((made, at)) if *made == current && at.elapsed() < since => number == current,
            _ => {
                outages.insert(account_id, (self.numbers.advance(account_id), Instant::now()));
                false
            }
        }
    }

    /// Takes note of what Redis says. A text that is heard out of turn costs a round trip more, and never freshness:
    /// what decides is equality in Redis.
    pub(super) fn learn(&self, account_id: AccountId, text: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = known
            .get(&account_id)
            .is_some_and(|known| known.text == text && known.number == self.numbers.current(account_id));
        if !is_known {
            let number = self.numbers.advance(account_id);
            known.insert(account_id, Known { number, text: text.to_owned() });
        }
    }

    fn of(&self, account_id: AccountId) -> Vec<String> {
        let (keys, shard) = (&self.keys, self.keys.shard(account_id));
        vec![keys.epoch(account_id), keys.time(shard), keys.beginning(shard), keys.records(shard)]
    }
}

/// The history of the data, out of what Redis must say for a call.
pub(super) fn history(expected: &str) -> &str {
    expected.split_once('.').map_or("", |(history, _)| history)
}

/// A token that was never used: counted up from a random one of this process. Every call brings one along, and nearly none
/// is needed.
pub(super) fn new_token() -> String {
    static FIRST: LazyLock<u128> = LazyLock::new(|| DecisionId::generate().as_uuid().as_u128());
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // The half that is random tells processes apart; the other is counted.
    let token = *FIRST ^ (u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) << 64);
    format!("{token:032x}")
}
