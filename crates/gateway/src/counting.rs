//! Where calls are counted, and where changes are heard of: in the process, or in a Redis that all replicas share.

mod inspector;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use ostiary_admission::redis::{self, Drain, DrainConfig, LinkError};
use ostiary_admission::{
    Admission, EmbeddedAdmission, EmbeddedConfig, Epochs, RedisAdmission, RedisConfig, RedisEpochs, RedisLink,
    RedisMailbox,
};
use ostiary_api::{CallsInFlight, Freshness};
use ostiary_model::{Clock, SystemClock};
use ostiary_proxy::Mailbox;
use ostiary_storage::DecisionLog;
use ostiary_storage_pg::HoldKind;
use secrecy::ExposeSecret as _;

use crate::backend;
use crate::config::Config;
use crate::counting::inspector::Inspector;
use crate::freshness::{EpochFreshness, RedisFreshness};
use crate::in_flight::{OwnCalls, SharedCalls};
use crate::mailbox::SharedMailbox;
use crate::metrics::Gauge;
use crate::shutdown::Shutdown;

/// How many parts the accounts are spread over. All replicas must have the same, and a change takes a stop of all of
/// them.
const SHARDS: u16 = 16;

/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the services share, by way of the process or of Redis.
#[derive(Clone, Debug)]
pub(crate) struct Counting {
    /// The epochs as this process numbers them.
    pub(crate) numbers: Arc<Epochs>,
    shared: Option<Shared>,
}

/// What there is when Redis counts.
#[derive(Clone, Debug)]
struct Shared {
    epochs: Arc<RedisEpochs>,
    drain: Arc<Drain>,
}

impl Counting {
    /// As configured. With Redis, records are moved to `decisions` from now on, until `log` ends.
    ///
    /// # Errors
    ///
    /// An address that is none of a Redis, or a Redis that would lose what it is given. Whether one is there at all is
    /// found out later, and again and again.
    pub(crate) async fn open(
        config: &Config,
        decisions: &Arc<dyn DecisionLog>,
        log: &Shutdown,
    ) -> anyhow::Result<Self> {
        let numbers = Arc::new(Epochs::new());
        let Some(link) = link(config)? else { return Ok(Self { numbers, shared: None }) };
        let inspector = Inspector::start(Arc::clone(&link)).await?;
        log.tasks.spawn(inspector.run(log.token.clone()));
        let epochs = Arc::new(RedisEpochs::new(link, &config.redis.prefix, SHARDS, Arc::clone(&numbers)));
        let drain = Drain::start(&epochs, decisions, DrainConfig::default(), &log.tasks, &log.token);
        Ok(Self { numbers, shared: Some(Shared { epochs, drain: Arc::new(drain) }) })
    }

    /// The API's word to the path of a call.
    pub(crate) fn freshness(&self) -> Arc<dyn Freshness> {
        match &self.shared {
            Some(shared) => Arc::new(RedisFreshness(Arc::clone(&shared.epochs))),
            None => Arc::new(EpochFreshness(Arc::clone(&self.numbers))),
        }
    }

    /// The step before a call is forwarded; its tasks end with `log`.
    ///
    /// # Errors
    ///
    /// Counters in the process that cannot be read.
    pub(crate) async fn admission(
        &self,
        decisions: Arc<dyn DecisionLog>,
        clock: Arc<dyn Clock>,
        log: &Shutdown,
    ) -> anyhow::Result<Arc<dyn Admission>> {
        Ok(match &self.shared {
            Some(shared) => RedisAdmission::start(
                Arc::clone(&shared.epochs),
                decisions,
                clock,
                RedisConfig::default(),
                &log.tasks,
                &log.token,
            ),
            None => EmbeddedAdmission::start(
                decisions,
                clock,
                Arc::clone(&self.numbers),
                EmbeddedConfig::default(),
                &log.tasks,
                log.token.clone(),
            )
            .await
            .context("cannot read the counters")?,
        })
    }

    /// Who says how many calls are in flight: Redis, or the process that counts in itself. Nobody else can.
    pub(crate) fn in_flight(&self, admission: Option<&Arc<dyn Admission>>) -> Option<Arc<dyn CallsInFlight>> {
        match (&self.shared, admission) {
            (Some(shared), _) => Some(Arc::new(SharedCalls(Arc::clone(&shared.epochs), RedisConfig::default()))),
            (None, Some(admission)) => Some(Arc::new(OwnCalls(Arc::clone(admission)))),
            (None, None) => None,
        }
    }

    /// Where gateways leave things for each other; none where this one is alone.
    pub(crate) fn mailbox(&self) -> Option<Arc<dyn Mailbox>> {
        let shared = self.shared.as_ref()?;
        Some(Arc::new(SharedMailbox(RedisMailbox::new(Arc::clone(&shared.epochs)))))
    }

    /// Whether calls could be counted.
    ///
    /// # Errors
    ///
    /// When Redis does not answer.
    pub(crate) async fn ping(&self) -> Result<(), LinkError> {
        match &self.shared {
            Some(shared) => shared.epochs.ping().await,
            None => Ok(()),
        }
    }

    /// What there is to be watched.
    pub(crate) fn gauges(&self) -> Vec<Gauge> {
        let waiting = |shared: &Shared| shared.drain.waiting().map(|(_, waiting)| waiting).sum();
        let gauge = |value| Gauge {
            name: "records_waiting",
            about: "Decisions in Redis that this process had still to move to the database when it last looked.",
            value,
        };
        self.shared.as_ref().map(waiting).map(gauge).into_iter().collect()
    }
}

/// A command's word to the path of calls: to nobody where the process that would serve counts in itself.
///
/// # Errors
///
/// An address that is none of a Redis.
pub(crate) fn word(config: &Config) -> anyhow::Result<Arc<dyn Freshness>> {
    let numbers = Arc::new(Epochs::new());
    Ok(match link(config)? {
        Some(link) => Arc::new(RedisFreshness(Arc::new(RedisEpochs::new(link, &config.redis.prefix, SHARDS, numbers)))),
        None => Arc::new(EpochFreshness(numbers)),
    })
}

/// The Redis of the settings, if there is one.
fn link(config: &Config) -> anyhow::Result<Option<Arc<RedisLink>>> {
    let Some(url) = &config.redis_url else { return Ok(None) };
    let read =
        |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read redis.ca_file {}", path.display()));
    let trusted = config.redis.ca_file.as_ref().map(read).transpose()?;
    let link = RedisLink::open_trusting(url.expose_secret(), trusted, PATIENCE);
    Ok(Some(Arc::new(link.context("cannot use redis_url")?)))
}

/// Carries counters that a process kept in the PostgreSQL database to Redis, where there is one; answers how many. Such a
/// process was there when it left any, or when everything `has_moved` here from its file.
///
/// # Errors
///
/// When processes are counting, or either side cannot be reached. May be called again.
pub(crate) async fn carry(config: &Config, has_moved: bool) -> anyhow::Result<u64> {
    let Some(link) = link(config)? else { return Ok(0) };
    let (store, now_ms) = (backend::connect(config).await?, SystemClock.now_ms());
    let slots = store.load_slots(i64::MIN).await.context("cannot read counters")?;
    if slots.is_empty() && !has_moved {
        return Ok(0);
    }
    let Ok(_hold) = store.hold(HoldKind::Sole).await.context("cannot take hold of the database")? else {
        bail!("counters have to be carried to Redis while nobody counts; stop all other ostiary processes first");
    };
    Inspector::start(Arc::clone(&link)).await?;
    let epochs = RedisEpochs::new(link, &config.redis.prefix, SHARDS, Arc::new(Epochs::new()));
    let carried = redis::carry(&epochs, &slots, now_ms).await.context("cannot carry counters to Redis")?;
    // What is in Redis now counts there.
    store.sweep_slots(i64::MAX).await.context("cannot remove counters that were carried")?;
    Ok(carried)
}
