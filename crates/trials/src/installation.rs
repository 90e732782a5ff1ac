//! The services apart: so many of each on one PostgreSQL and one Redis, each at an address that it keeps over restarts.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::{Program, Tenant, TestPostgres, TestRedis};
use serde_json::{Value, json};

use crate::agent::Agent;

pub(crate) const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// How many parts the keys of an installation are spread over.
const SHARDS: u32 = 16;

/// How long records may take to be moved after the load has ended.
const DRAINED: Duration = Duration::from_secs(120);

/// How many of each service there are.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Of `ostiary api`.
    pub apis: usize,
    /// Of `ostiary proxy`.
    pub proxies: usize,
}

/// Everything that runs. It ends when it is dropped.
#[derive(Debug)]
pub struct Installation {
    program: PathBuf,
    variables: Vec<(String, String)>,
    /// `ostiary api`.
    pub apis: Vec<Place>,
    /// `ostiary proxy`.
    pub proxies: Vec<Place>,
    /// What all of them count in.
    pub redis: TestRedis,
    /// What all of them write to.
    pub postgres: TestPostgres,
}

/// A process that may be ended and started again at the same address.
#[derive(Debug)]
pub struct Place {
    command: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    running: Option<Program>,
}

impl Installation {
    /// Starts everything. None, said visibly, without PostgreSQL or Redis on this machine.
    ///
    /// # Errors
    ///
    /// When there are no ports.
    pub async fn start(program: &Path, shape: Shape) -> anyhow::Result<Option<Self>> {
        Self::start_with(program, shape, &[]).await
    }

    /// As [`Installation::start`], with settings.
    ///
    /// # Errors
    ///
    /// When there are no ports.
    pub async fn start_with(program: &Path, shape: Shape, settings: &[(&str, &str)]) -> anyhow::Result<Option<Self>> {
        let Some(postgres) = TestPostgres::create().await else { return Ok(None) };
        let Some(redis) = TestRedis::own() else { return Ok(None) };
        let (database_url, redis_url) = (postgres.url().to_owned(), redis.url().to_owned());
        let mut variables = vec![("OSTIARY_DATABASE_URL", database_url.as_str()), ("OSTIARY_REDIS_URL", &redis_url)];
        variables.extend(settings);
        Self::start_on(program, shape, postgres, redis, &variables).await.map(Some)
    }

    /// Starts the services on a PostgreSQL and a Redis, which they reach as these variables say.
    ///
    /// # Errors
    ///
    /// When there are no ports.
    pub async fn start_on(
        program: &Path,
        shape: Shape,
        postgres: TestPostgres,
        redis: TestRedis,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        variables.push(("OSTIARY_SECRET_KEY".to_owned(), KEY.to_owned()));
        // What breaks is broken on purpose; `TRIAL_LOG=warn` shows what the processes say of it.
        variables.push(("OSTIARY_LOG".to_owned(), std::env::var("TRIAL_LOG").unwrap_or_else(|_| "off".to_owned())));
        let mut made = Self {
            program: program.to_owned(),
            variables,
            apis: places("api", shape.apis)?,
            proxies: places("proxy", shape.proxies)?,
            redis,
            postgres,
        };
        for place in made.apis.iter_mut().chain(&mut made.proxies) {
            place.start(&made.program, &made.variables).await;
        }
        Ok(made)
    }

    /// The URL of an API.
    #[must_use]
    pub fn base(&self, api: usize) -> String {
        self.apis.get(api).map(|place| format!("http://{}", place.address)).unwrap_or_default()
    }

    /// The process id of a proxy; 0 while it does not run.
    #[must_use]
    pub fn proxy_id(&self, index: usize) -> u32 {
        self.proxies.get(index).and_then(Place::running).map_or(0, Program::id)
    }

    /// Where the proxies listen.
    #[must_use]
    pub fn proxies(&self) -> Vec<SocketAddr> {
        self.proxies.iter().map(|place| place.address).collect()
    }

    /// Waits until every record has been moved from Redis to PostgreSQL.
    ///
    /// # Panics
    ///
    /// When that does not come to pass.
    pub async fn drained(&self) {
        let is_empty = |shard: u32| self.redis.cli(&["xlen", &format!("ostiary:{{s{shard:02}}}:records")]) == "0";
        let deadline = std::time::Instant::now() + DRAINED;
        while !tokio::task::block_in_place(|| (0..SHARDS).all(is_empty)) {
            assert!(std::time::Instant::now() < deadline, "records wait in Redis for ever");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// `kill -9` of a process of `service`, which is started again afterwards.
    pub async fn kill(&mut self, service: Service, index: usize) {
        let places = match service {
            Service::Api => &mut self.apis,
            Service::Proxy => &mut self.proxies,
        };
        let Some(place) = places.get_mut(index) else { return };
        if let Some(running) = place.running.take() {
            running.kill().await;
        }
        place.start(&self.program, &self.variables).await;
    }

    /// Asks a process of `service` to end, waits, and starts it again; answers whether it ended well, and after how long.
    pub async fn restart(&mut self, service: Service, index: usize) -> Option<(bool, Duration)> {
        let places = match service {
            Service::Api => &mut self.apis,
            Service::Proxy => &mut self.proxies,
        };
        let place = places.get_mut(index)?;
        let ended = match place.running.take() {
            Some(running) => Some(running.terminate().await),
            None => None,
        };
        place.start(&self.program, &self.variables).await;
        ended
    }
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `ostiary api`.
    Api,
    /// `ostiary proxy`.
    Proxy,
}

impl Place {
    /// The process, while it runs.
    #[must_use]
    pub const fn running(&self) -> Option<&Program> {
        self.running.as_ref()
    }

    async fn start(&mut self, program: &Path, variables: &[(String, String)]) {
        let listen = if self.command == "proxy" { "OSTIARY_PROXY_LISTEN" } else { "OSTIARY_LISTEN" };
        let address = self.address.to_string();
        let mut variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.push((listen, &address));
        self.running = Some(Program::replica(&program.to_string_lossy(), self.command, &variables).await);
    }
}

/// Ports that nobody has. They are free again before they are used: another could take one, and the start would fail.
fn places(command: &'static str, count: usize) -> anyhow::Result<Vec<Place>> {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()
        .context("no free port")?;
    let place = |listener: &TcpListener| {
        Ok(Place { command, address: listener.local_addr().context("no address")?, running: None })
    };
    listeners.iter().map(place).collect()
}

/// A grant that agents of a trial call with.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Its id.
    pub id: String,
    /// Its token.
    pub token: String,
}

/// Mints a grant for several servers, each with its policy.
///
/// # Panics
///
/// When it is refused.
pub async fn pass(tenant: &Tenant, label: &str, bindings: &[(&str, &str)]) -> Pass {
    let bindings: Vec<Value> =
        bindings.iter().map(|(server, policy)| json!({"server_id": server, "policy_id": policy})).collect();
    let minted = tenant.owner.post("/grants", &json!({"label": label, "bindings": bindings})).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Pass { id: text(&minted["grant"]["id"]), token: text(&minted["token"]) }
}

/// An agent with a session at a proxy.
///
/// # Errors
///
/// When the session is refused.
pub async fn agent(proxy: SocketAddr, tenant: &Tenant, server: &str, pass: &Pass) -> anyhow::Result<Agent> {
    let mut agent = Agent::new(proxy, &format!("/mcp/{}/{server}", tenant.slug), &pass.token)?;
    agent.open_session().await?;
    Ok(agent)
}
