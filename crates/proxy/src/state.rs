//! What the data plane shares between calls.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use ostiary_admission::{Admission, Epochs};
use ostiary_auth::{Credentials, KeyedHasher};
use ostiary_edge::{Guesses, TrustedProxies};
use ostiary_egress::UpstreamClient;
use ostiary_mcp::header::OriginRule;
use ostiary_model::Clock;
use ostiary_storage::Store;
use tokio_util::sync::CancellationToken;

use crate::account::standing::Standings;
use crate::bounds::{SessionRate, Streams, Turns};
use crate::circuit::Circuits;
use crate::config::ProxyConfig;
use crate::grants::Grants;
use crate::inventory::Inventories;
use crate::known::KnownUpstreams;
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::programs::Programs;
use crate::route::AccountHosts;
use crate::seals::Seals;
use crate::session::Sessions;
use crate::shared::Shared;
use crate::talks::Talks;
use crate::uses::Uses;

/// Everything a call may need.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: ProxyConfig,
    pub(crate) account_hosts: AccountHosts,
    pub(crate) origins: OriginRule,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) epochs: Arc<Epochs>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) grants: Grants,
    pub(crate) guesses: Guesses,
    pub(crate) proxies: TrustedProxies,
    pub(crate) uses: Uses,
    pub(crate) programs: Programs,
    pub(crate) inventories: Inventories,
    pub(crate) sessions: Sessions,
    pub(crate) seals: Seals,
    pub(crate) known: KnownUpstreams,
    pub(crate) pool: Pool,
    pub(crate) talks: Talks,
    pub(crate) standings: Standings,
    pub(crate) shared: Shared,
    pub(crate) credentials: Credentials,
    pub(crate) hasher: KeyedHasher,
    pub(crate) admission: Arc<dyn Admission>,
    pub(crate) upstream: UpstreamClient<Full<Bytes>>,
    pub(crate) circuits: Circuits,
    pub(crate) turns: Turns,
    pub(crate) streams: Streams,
    pub(crate) session_rate: SessionRate,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) shutdown: CancellationToken,
}
