//! Grants as calls need them: read once, then kept for as long as their account does not change.
//!
//! INVARIANT: a grant that is handed out was read after the account's epoch had its stamp. The API moves the epoch
//! before it acknowledges a change, so a stamp that is still current means that no acknowledged change was missed.

mod outage;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use ostiary_admission::Epochs;
use ostiary_auth::TokenHash;
use ostiary_model::{AccountId, Grant, Plan, Plans, Slug};
use ostiary_policy::Metadata;
use ostiary_storage::{GrantSnapshot, StorageError, Store};
use tokio::sync::Semaphore;

use self::outage::Outage;
use crate::endpoint::Endpoint;

/// For how long a grant may lie unused.
const IDLE: Duration = Duration::from_secs(600);
/// Tokens that are known to open nothing. A token cannot come to life after it was asked for: it would have to be
/// minted by chance out of 256 random bits.
const UNKNOWN: u64 = 100_000;
const UNKNOWN_FOR: Duration = Duration::from_secs(60);
/// Reads of the database that run at once, so that a flood of invented tokens does not take all its connections.
const READS: usize = 16;

/// A grant with everything that decides its calls.
#[derive(Debug)]
pub(crate) struct LiveGrant {
    /// The account's epoch before the grant was read.
    pub(crate) epoch: u64,
    pub(crate) grant: Grant,
    /// The grant's id as text, for facts and records.
    pub(crate) id_text: Box<str>,
    pub(crate) metadata: Metadata,
    pub(crate) account_slug: Slug,
    /// The plan that the account was on.
    pub(crate) plan: Arc<Plan>,
    pub(crate) endpoints: Vec<Arc<Endpoint>>,
    token_expires_at: Option<DateTime<Utc>>,
    /// The minute since the Unix epoch in which the grant was last noted as used.
    noted_minute: AtomicI64,
}

impl LiveGrant {
    fn new(epoch: u64, snapshot: GrantSnapshot, plans: &Plans) -> Self {
        Self {
            epoch,
            id_text: snapshot.grant.id.to_string().into(),
            // A label that was stored as no object has no members: paths into it are missing.
            metadata: Metadata::parse(&snapshot.grant.metadata.to_string()).unwrap_or_else(|_| Metadata::empty()),
            plan: Arc::clone(plans.of(&snapshot.plan)),
            account_slug: snapshot.account_slug,
            endpoints: snapshot.servers.into_iter().map(|bound| Arc::new(Endpoint::new(bound))).collect(),
            token_expires_at: snapshot.token_expires_at,
            noted_minute: AtomicI64::new(0),
            grant: snapshot.grant,
        }
    }

    /// About what it takes in memory. Metadata are there as text and read.
    fn bytes(&self) -> u32 {
        let metadata = self.grant.metadata.as_object().map_or(0, |members| members.len() * 256);
        let endpoints: usize = self.endpoints.iter().map(|endpoint| endpoint.bytes()).sum();
        u32::try_from(1_536 + 2 * metadata + endpoints).unwrap_or(u32::MAX)
    }

    /// Whether this is the first use in its minute: then it is worth noting.
    pub(crate) fn is_first_use_of_minute(&self, now: DateTime<Utc>) -> bool {
        let minute = now.timestamp().div_euclid(60);
        self.noted_minute.load(Ordering::Relaxed) != minute
            && self.noted_minute.swap(minute, Ordering::Relaxed) != minute
    }

    /// Whether the token that found the grant still opens something at `now`.
    pub(crate) fn is_alive(&self, now: DateTime<Utc>) -> bool {
        let is_over = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        self.grant.revoked_at.is_none() && !is_over(self.grant.expires_at) && !is_over(self.token_expires_at)
    }
}

/// All grants that were asked for lately.
#[derive(Debug)]
pub(crate) struct Grants {
    store: Arc<dyn Store>,
    epochs: Arc<Epochs>,
    plans: Arc<Plans>,
    live: Cache<TokenHash, Arc<LiveGrant>>,
    unknown: moka::sync::Cache<TokenHash, ()>,
    reads: Semaphore,
    outage: Outage,
}

impl Grants {
    /// Keeps grants of about so many bytes.
    pub(crate) fn new(store: Arc<dyn Store>, epochs: Arc<Epochs>, plans: Arc<Plans>, bytes: u64) -> Self {
        Self {
            store,
            epochs,
            plans,
            live: Cache::builder()
                .max_capacity(bytes)
                .weigher(|_, grant: &Arc<LiveGrant>| grant.bytes())
                .time_to_idle(IDLE)
                .build(),
            unknown: moka::sync::Cache::builder().max_capacity(UNKNOWN).time_to_live(UNKNOWN_FOR).build(),
            reads: Semaphore::new(READS),
            outage: Outage::default(),
        }
    }

    /// The grant of a token, not older than the last change of its account; none when the token opens nothing.
    ///
    /// # Errors
    ///
    /// When it has to be read and the database does not answer.
    pub(crate) async fn find(&self, hash: TokenHash) -> Result<Option<Arc<LiveGrant>>, StorageError> {
        if let Some(found) = self.live.get(&hash).await
            && self.is_current(&found)
        {
            return Ok(Some(found));
        }
        if self.unknown.contains_key(&hash) {
            return Ok(None);
        }
        Box::pin(self.read_once(hash)).await
    }

    fn is_current(&self, found: &LiveGrant) -> bool {
        self.epochs.current(found.grant.account_id) == found.epoch
    }

    /// Reads the grant anew, unless another call has just done so: one read at a time for each token.
    async fn read_once(&self, hash: TokenHash) -> Result<Option<Arc<LiveGrant>>, StorageError> {
        let asked = Instant::now();
        let computed = self.live.entry(hash).and_try_compute_with(|entry| async move {
            let old = entry.map(moka::Entry::into_value);
            if old.as_ref().is_some_and(|old| self.is_current(old)) {
                return Ok(Op::Nop);
            }
            match self.read(hash, old.map(|old| old.grant.account_id), asked).await? {
                Some(read) => Ok(Op::Put(Arc::new(read))),
                None => Ok(Op::Remove),
            }
        });
        match computed.await? {
            CompResult::Inserted(entry) | CompResult::ReplacedWith(entry) | CompResult::Unchanged(entry) => {
                Ok(Some(entry.into_value()))
            }
            CompResult::Removed(_) | CompResult::StillNone(_) => {
                self.unknown.insert(hash, ());
                Ok(None)
            }
        }
    }

    /// Reads the grant, stamped with the epoch of before the read. Whose epoch that is, is known only after a first read.
    async fn read(
        &self,
        hash: TokenHash,
        account_id: Option<AccountId>,
        asked: Instant,
    ) -> Result<Option<LiveGrant>, StorageError> {
        // Closed never: a semaphore of our own.
        let _permit = self.reads.acquire().await.ok();
        if self.outage.is_since(asked) {
            return Err(StorageError::Unavailable("a read before this one failed".into()));
        }
        let read = self.read_now(hash, account_id).await;
        if read.is_err() {
            self.outage.note();
        }
        read
    }

    async fn read_now(
        &self,
        hash: TokenHash,
        account_id: Option<AccountId>,
    ) -> Result<Option<LiveGrant>, StorageError> {
        let account_id = match account_id {
            Some(account_id) => account_id,
            None => match self.store.find_snapshot_by_token(hash.as_bytes()).await? {
                Some(snapshot) => snapshot.grant.account_id,
                None => return Ok(None),
            },
        };
        let epoch = self.epochs.current(account_id);
        let snapshot = self.store.find_snapshot_by_token(hash.as_bytes()).await?;
        Ok(snapshot.map(|snapshot| LiveGrant::new(epoch, snapshot, &self.plans)))
    }
}
