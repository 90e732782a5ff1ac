//! The door: what the parts of the data plane are, and how a request comes in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::ORIGIN;
use http::{Request, Response};
use http_body::Body as HttpBody;
use http_body_util::Full;
use ostiary_admission::{Admission, Epochs};
use ostiary_auth::{Credentials, Keyring, Purpose};
use ostiary_edge::{Guesses, TrustedProxies};
use ostiary_egress::UpstreamClient;
use ostiary_mcp::header::OriginRule;
use ostiary_model::Clock;
use ostiary_storage::Store;
use tokio_util::sync::CancellationToken;

use crate::account::standing::Standings;
use crate::body::Body;
use crate::bounds::{SessionRate, Streams, Turns};
use crate::circuit::Circuits;
use crate::config::ProxyConfig;
use crate::grants::Grants;
use crate::inventory::{Inventories, InventoryRefresher};
use crate::known::KnownUpstreams;
use crate::mailbox::{Mailbox, Sealed};
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::programs::Programs;
use crate::refusal::Refusal;
use crate::route::AccountHosts;
use crate::seals::Seals;
use crate::session::Sessions;
use crate::shared::Shared;
use crate::state::State;
use crate::talks::Talks;
use crate::uses::Uses;
use crate::{cors, pipeline, route};

/// What the data plane is put together from.
#[derive(Clone, Debug)]
pub struct GatewayParts {
    /// Bounds and addresses.
    pub config: ProxyConfig,
    /// Where grants and inventories are read, and the last use of grants is written.
    pub store: Arc<dyn Store>,
    /// Takes limits and writes records.
    pub admission: Arc<dyn Admission>,
    /// What changes of accounts move; the same that the admission looks at.
    pub epochs: Arc<Epochs>,
    /// Keys for sessions, credentials and keyed hashes.
    pub keyring: Keyring,
    /// The way out.
    pub upstream: UpstreamClient<Full<Bytes>>,
    /// Reads inventories anew.
    pub refresher: Arc<dyn InventoryRefresher>,
    /// Proxies whose word on a client's address is taken.
    pub proxies: TrustedProxies,
    /// Where processes leave things for each other; none where this one is alone.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ends the streams that would not end by themselves. Calls under way go on: stop accepting, then wait for them.
    pub shutdown: CancellationToken,
}

/// How often it is looked for sessions at upstreams that lie unused.
const TIDY_EVERY: Duration = Duration::from_secs(15);

/// The data plane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateway {
    state: Arc<State>,
}

impl Gateway {
    /// Puts the data plane together.
    #[must_use]
    pub fn new(parts: GatewayParts) -> Self {
        let GatewayParts {
            config,
            store,
            admission,
            epochs,
            keyring,
            upstream,
            refresher,
            proxies,
            mailbox,
            clock,
            shutdown,
        } = parts;
        let tokens = keyring.sealer(Purpose::McpToken);
        let mailbox = mailbox.map(|mailbox| Sealed::new(mailbox, tokens.clone()));
        let state = State {
            account_hosts: AccountHosts::new(&config.account_hosts),
            origins: OriginRule::new(config.allowed_origins.iter().cloned(), config.listens_on_loopback),
            grants: Grants::new(
                Arc::clone(&store),
                Arc::clone(&epochs),
                Arc::clone(&config.plans),
                config.cache_bytes / 2,
            ),
            guesses: Guesses::default(),
            proxies,
            uses: Uses::default(),
            programs: Programs::new(config.cache_bytes / 4),
            inventories: Inventories::new(Arc::clone(&store), refresher, config.cache_bytes / 4),
            store,
            sessions: Sessions::new(keyring.sealer(Purpose::McpSession)),
            seals: Seals::new(tokens.clone(), Arc::clone(&clock)),
            known: KnownUpstreams::new(),
            pool: Pool::new(),
            shared: Shared::new(&tokens, mailbox.clone()),
            talks: Talks::new(tokens, mailbox),
            standings: Standings::new(),
            credentials: Credentials::new(keyring.sealer(Purpose::UpstreamCredentials)),
            hasher: keyring.hasher(),
            circuits: Circuits::new(),
            turns: Turns::new(&config),
            streams: Streams::new(config.streams_per_grant, config.streams_per_account),
            session_rate: SessionRate::new(config.sessions_per_minute),
            metrics: Arc::new(Metrics::new()),
            clock,
            epochs,
            admission,
            upstream,
            shutdown,
            config,
        };
        Self { state: Arc::new(state) }
    }

    /// Whether a path is the data plane's.
    #[must_use]
    pub fn handles(&self, path: &str) -> bool {
        route::is_ours(path)
    }

    /// Answers one request. Dropping the future gives up what was asked of the upstream at once.
    pub async fn call<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send,
    {
        self.state.metrics.request();
        let origin = request.headers().get(ORIGIN).filter(|_| self.state.origins.allows(request.headers())).cloned();
        let mut response = match pipeline::serve(&self.state, request).await {
            Ok(response) => response,
            Err(refusal) => self.refuse(refusal),
        };
        if let Some(origin) = origin {
            cors::expose(&origin, response.headers_mut());
        }
        response
    }

    fn refuse(&self, refusal: Refusal) -> Response<Body> {
        self.state.metrics.refusal(refusal.reason(), refusal.account_id());
        tracing::info!(
            reason = refusal.reason().as_str(),
            status = refusal.status().as_u16(),
            account.id = refusal.account_id().map(|id| id.to_string()),
            "a request is refused"
        );
        refusal.respond()
    }

    /// Writes when grants were last used, now and then until the shutdown, and once more then. To be spawned once, and
    /// waited for.
    pub async fn write_uses(self) {
        self.state.uses.write(&*self.state.store, &self.state.shutdown).await;
    }

    /// Ends sessions at upstreams that lie unused, now and then until the shutdown. To be spawned once.
    pub async fn tidy_sessions(self) {
        while self.state.shutdown.run_until_cancelled(tokio::time::sleep(TIDY_EVERY)).await.is_some() {
            self.state.pool.tidy().await;
        }
    }

    /// Ends the sessions that the gateway opened at upstreams. To be called when the last call has ended; takes two seconds
    /// at most.
    pub async fn end_upstream_sessions(&self) {
        self.state.pool.end_all().await;
    }

    /// What was counted since the start of the process.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.state.metrics
    }
}
