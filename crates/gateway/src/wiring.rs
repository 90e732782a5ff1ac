//! What the services are made of.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::bail;
use ostiary_api::discovery::{DiscoverySettings, McpInventory};
use ostiary_api::{ApiParts, ApiSettings, ApiState, SendMail, SignInProvider, ops};
use ostiary_auth::{Credentials, Devices, Halfway, PasswordSettings, Passwords, Purpose, SessionTokens};
use ostiary_edge::TrustedProxies;
use ostiary_egress::{ControlClient, ControlSettings, EgressPolicy, Guard, UpstreamClient, UpstreamSettings};
use ostiary_model::{Clock, SystemClock};
use ostiary_proxy::{Gateway, GatewayParts, ProxyConfig};

use crate::backend::Backend;
use crate::config::Config;
use crate::counting::Counting;
use crate::front::Front;
use crate::mail::SmtpSender;
use crate::oidc::Oidc;
use crate::refresher::ApiRefresher;
use crate::routes::{self, Health, Outside};
use crate::schedule::read_inventories;
use crate::service::Service;
use crate::shutdown::Shutdown;

/// The services, put together.
pub(crate) struct Wired {
    pub(crate) front: Front,
    /// Open as long as the services run.
    pub(crate) backend: Backend,
}

/// Opens the data and puts the services together.
///
/// `calls` ends what would not end by itself while calls go on; `log` ends the writer of decisions, after the calls.
pub(crate) async fn wire(
    config: &Config,
    service: Service,
    bound: SocketAddr,
    calls: &Shutdown,
    log: &Shutdown,
) -> anyhow::Result<Wired> {
    if config.redis_url.is_some() && config.database_url.is_none() {
        bail!(
            "without OSTIARY_DATABASE_URL=postgres://… `ostiary {}` keeps its counters in the process; set it, or unset \
             OSTIARY_REDIS_URL",
            service.command()
        );
    }
    let backend = Backend::open(config, calls, log).await?;
    let keyring = backend.keys(config)?.keyring();
    let store = backend.store();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let counting = Counting::open(config, &backend.log(), log).await?;

    let guard = Guard::new(egress_policy(config));
    let control = ControlClient::new(guard.clone(), &control_settings(config))?;
    let provider = config.oidc.clone().map(|settings| Oidc::new(settings, control.clone()));
    let mut settings = ApiSettings::new(config.listen.public_url_at(bound)?);
    settings.deletion_grace = config.deletion_grace;
    settings.plans = Arc::clone(&config.plans);
    settings.retention_days =
        config.database.retention.map(|retention| u32::try_from(retention.num_days()).unwrap_or(u32::MAX));
    settings.requests_per_account = config.limits.api_requests_per_account;
    settings.requests_per_address = config.limits.api_requests_per_address;
    let admission = if service.has_gateway() {
        Some(counting.admission(backend.log(), Arc::clone(&clock), log).await?)
    } else {
        None
    };
    let is_tls = settings.public_url.scheme() == "https";
    // A gateway alone has one, too, unserved: it reads inventories as the API does.
    let api = ApiState::new(ApiParts {
        settings,
        store: Arc::clone(&store),
        freshness: counting.freshness(),
        in_flight: counting.in_flight(admission.as_ref()),
        inventory: Arc::new(McpInventory::new(control, DiscoverySettings::default())),
        clock: Arc::clone(&clock),
        passwords: Passwords::new(PasswordSettings::default()),
        session_tokens: SessionTokens::new(keyring.session_keys()),
        halfway: Halfway::new(keyring.sealer(Purpose::Halfway)),
        totp_sealer: keyring.sealer(Purpose::Totp),
        devices: Devices::new(keyring.sealer(Purpose::Device)),
        mail: mail_sender(config)?,
        provider: provider.map(|provider| Arc::new(provider) as Arc<dyn SignInProvider>),
        errands: keyring.sealer(Purpose::Errand),
        credentials: Credentials::new(keyring.sealer(Purpose::UpstreamCredentials)),
        answers: keyring.sealer(Purpose::StoredAnswers),
        shutdown: calls.token.clone(),
    });
    if service.has_api() {
        calls.tasks.spawn(read_inventories(api.clone(), config.upstream.inventory_every, calls.clone()));
    }
    let proxies = TrustedProxies::new(config.http.trusted_proxies.iter().copied());
    let gateway = if let Some(admission) = admission {
        let gateway = Gateway::new(GatewayParts {
            config: proxy_config(config),
            store: Arc::clone(&store),
            admission,
            epochs: Arc::clone(&counting.numbers),
            keyring,
            upstream: UpstreamClient::new(guard, &upstream_settings(config))?,
            refresher: Arc::new(ApiRefresher(api.clone())),
            proxies: proxies.clone(),
            mailbox: counting.mailbox(),
            clock,
            shutdown: calls.token.clone(),
        });
        calls.tasks.spawn(gateway.clone().write_uses());
        calls.tasks.spawn(gateway.clone().tidy_sessions());
        Some(gateway)
    } else {
        None
    };
    if service.has_api() {
        calls.tasks.spawn(ops::sweep::run(api.clone()));
    }
    let health = Health { store, counting, gateway: gateway.clone() };
    let outside = Outside { proxies, is_tls };
    let router = routes::router(service.has_api().then_some(api), health, outside);
    Ok(Wired { front: Front { gateway, router }, backend })
}

fn mail_sender(config: &Config) -> anyhow::Result<Option<Arc<dyn SendMail>>> {
    let Some(server) = &config.mail else { return Ok(None) };
    Ok(Some(Arc::new(SmtpSender::new(server)?)))
}

/// What may be connected to. An installation that only this machine can reach may reach this machine.
fn egress_policy(config: &Config) -> EgressPolicy {
    let mut policy = EgressPolicy::public_only().allowing(config.upstream.allow.iter().copied());
    policy.plain_http = config.upstream.plain_http;
    if config.listen.is_local_only() { policy.with_loopback() } else { policy }
}

fn control_settings(config: &Config) -> ControlSettings {
    ControlSettings { connect_timeout: config.upstream.connect_timeout, ..ControlSettings::default() }
}

fn upstream_settings(config: &Config) -> UpstreamSettings {
    UpstreamSettings { connect_timeout: config.upstream.connect_timeout, ..UpstreamSettings::default() }
}

fn proxy_config(config: &Config) -> ProxyConfig {
    ProxyConfig {
        headers_max: config.limits.headers_max,
        headers_max_bytes: config.limits.headers_max_bytes,
        body_max_bytes: config.limits.body_max_bytes,
        json_depth: config.limits.json_depth,
        event_max_bytes: config.limits.event_max_bytes,
        list_max_bytes: config.limits.list_max_bytes,
        calls_per_account: config.limits.calls_per_account,
        calls_waiting_per_account: config.limits.calls_waiting_per_account,
        call_wait: config.limits.call_wait,
        calls_per_second_per_account: config.limits.calls_per_second_per_account,
        streams_per_grant: config.limits.streams_per_grant,
        streams_per_account: config.limits.streams_per_account,
        sessions_per_minute: config.limits.sessions_per_minute,
        cache_bytes: config.limits.cache_mib * 1024 * 1024,
        plans: Arc::clone(&config.plans),
        first_byte: config.upstream.first_byte_timeout,
        idle: config.upstream.idle_timeout,
        call_max: config.upstream.call_max,
        allowed_origins: config.http.allowed_origins.clone(),
        account_hosts: config.http.account_hosts.clone(),
        listens_on_loopback: config.listen.is_loopback_only(),
        public_host: config.listen.public_url.as_ref().and_then(|url| url.host_str()).map(str::to_owned),
        ..ProxyConfig::default()
    }
}
