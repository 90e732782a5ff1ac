//! The installation whose parts break: Redis with a replica behind a stable address, and a PostgreSQL of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ostiary_testkit::{Tenant, TestPostgres, TestRedis, wait_until};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::agent::{Agent, Answer};
use crate::faults::Fault;
use crate::faults::probe::{Probe, Probing, Seen};
use crate::installation::{Installation, Pass, Shape, agent, pass};
use crate::load::{Course, label};
use crate::relay::Relay;
use crate::upstream::Upstream;

/// Calls of `few` in a day.
pub(super) const FEW: u64 = 100_000;

/// Between two requests of one probe.
const PACE: Duration = Duration::from_millis(10);

/// By so much a copy of the data is old.
const AGE: Duration = Duration::from_secs(4);

/// Grants that have never called, minted before anything breaks.
const NEW: usize = 100;

/// Numbers of calls of `few` begin here.
const FIRST_FEW: u128 = 1 << 64;

pub(super) const fn is_few(number: u128) -> bool {
    number >= FIRST_FEW
}

pub(super) struct Stage {
    installation: Installation,
    relay: Relay,
    /// The one that takes over.
    replica: Option<TestRedis>,
    hogs: Vec<PgConnection>,
    pub(super) upstream: Upstream,
    pub(super) course: Course,
    requests: Requests,
}

/// What probes ask with. Cheap to clone.
#[derive(Clone)]
struct Requests {
    course: Course,
    tenant: Tenant,
    opened: Arc<Agent>,
    http: reqwest::Client,
    proxy: SocketAddr,
    api: SocketAddr,
    policy: String,
    fresh: Arc<Vec<Pass>>,
    used: Arc<AtomicUsize>,
}

impl Stage {
    pub(super) async fn start(program: &Path) -> anyhow::Result<Option<Self>> {
        let Some(postgres) = TestPostgres::own_with(&["max_connections=60"]).await else { return Ok(None) };
        let Some(redis) = TestRedis::own() else { return Ok(None) };
        let replica = redis.replica();
        let relay = Relay::start(vec![redis.address()]).await?;
        let (database_url, redis_url) = (postgres.url().to_owned(), format!("redis://{}/", relay.address()));
        let variables = [
            ("OSTIARY_DATABASE_URL", database_url.as_str()),
            ("OSTIARY_REDIS_URL", &redis_url),
            ("OSTIARY_DATABASE_CONNECTIONS", "4"),
        ];
        let shape = Shape { apis: 1, proxies: 2 };
        let installation = Installation::start_on(program, shape, postgres, redis, &variables).await?;
        let course = Course::begin();
        let upstream = Upstream::start(course.began, &["free", "few", "brisk"], Duration::ZERO).await?;
        let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
        let server = tenant.server("shop", &upstream.url()).await;
        let policy = tenant.policy(&server, "limits", &document(0)).await;
        let used = pass(&tenant, "used", &[(&server, &policy)]).await;
        let mut fresh = Vec::new();
        for number in 0..NEW {
            fresh.push(pass(&tenant, &format!("fresh {number}"), &[(&server, &policy)]).await);
        }
        let Some(proxy) = installation.proxies().first().copied() else { return Ok(None) };
        let Some(api) = installation.apis.first().map(|place| place.address) else { return Ok(None) };
        let opened = Arc::new(agent(proxy, &tenant, "shop", &used).await?);
        let requests = Requests {
            course: course.clone(),
            tenant,
            opened,
            http: reqwest::Client::new(),
            proxy,
            api,
            policy,
            fresh: Arc::new(fresh),
            used: Arc::default(),
        };
        // The account is not a new one any more when Redis loses what it holds.
        sleep(Duration::from_secs(11).saturating_sub(course.began.elapsed())).await;
        Ok(Some(Self { installation, relay, replica: Some(replica), hogs: Vec::new(), upstream, course, requests }))
    }

    /// Breaks something.
    pub(super) async fn begin(&mut self, fault: Fault) -> anyhow::Result<()> {
        let (redis, postgres) = (&mut self.installation.redis, &self.installation.postgres);
        match fault {
            Fault::PostgresStopped => postgres.kill(),
            Fault::PostgresFrozen => postgres.freeze(),
            Fault::PostgresFull => {
                while let Ok(hog) = PgConnection::connect(postgres.url()).await {
                    self.hogs.push(hog);
                }
            }
            Fault::RedisStopped => redis.kill(),
            Fault::RedisFrozen => redis.freeze(),
            Fault::RedisFailedOver => {
                if let Some(replica) = self.replica.take() {
                    // One that has not caught up since its server was started again would be an old copy.
                    let follows = || replica.cli(&["info", "replication"]).contains("master_link_status:up");
                    while !tokio::task::block_in_place(follows) {
                        sleep(PACE).await;
                    }
                    redis.kill();
                    tokio::task::block_in_place(|| replica.promote());
                    self.relay.lead_to(vec![replica.address()]);
                    *redis = replica;
                }
                self.look_around().await?;
            }
            Fault::RedisOld => {
                let copy = tokio::task::block_in_place(|| redis.copy());
                // Agents go on, so that the copy lacks more than a replica may.
                let calls = self.probe();
                sleep(AGE).await;
                calls.end().await?;
                let redis = &mut self.installation.redis;
                redis.kill();
                tokio::task::block_in_place(|| {
                    redis.restore(&copy);
                    redis.start_again();
                });
                self.look_around().await?;
            }
            Fault::RedisEmptied => {
                redis.kill();
                redis.forget();
                tokio::task::block_in_place(|| redis.start_again());
                self.look_around().await?;
            }
        }
        Ok(())
    }

    /// A fault that is over at once is watched from when a call has gone through.
    async fn look_around(&mut self) -> anyhow::Result<()> {
        for probe in [Probe::Free, Probe::Change, Probe::Read, Probe::ProxyReady, Probe::ApiReady] {
            while !matches!(self.once(probe).await?.as_str(), "forwarded" | "HTTP 200") {
                sleep(PACE).await;
            }
        }
        Ok(())
    }

    /// Mends it.
    pub(super) async fn end(&mut self, fault: Fault) -> anyhow::Result<()> {
        let (redis, postgres) = (&mut self.installation.redis, &self.installation.postgres);
        match fault {
            Fault::PostgresStopped => tokio::task::block_in_place(|| postgres.start_again()),
            Fault::PostgresFrozen => postgres.thaw(),
            Fault::PostgresFull => {
                for hog in self.hogs.drain(..) {
                    hog.close().await?;
                }
            }
            Fault::RedisStopped => tokio::task::block_in_place(|| redis.start_again()),
            Fault::RedisFrozen => redis.thaw(),
            Fault::RedisFailedOver | Fault::RedisOld | Fault::RedisEmptied => {}
        }
        Ok(())
    }

    /// Starts all probes.
    pub(super) fn probe(&self) -> Probing {
        let mut probing = Probing { over: Arc::default(), tasks: JoinSet::new() };
        for probe in Probe::ALL {
            let (requests, over) = (self.requests.clone(), Arc::clone(&probing.over));
            probing.tasks.spawn(async move {
                let (mut seen, mut agent) = (Vec::new(), requests.agent());
                while !over.load(Ordering::Relaxed) {
                    let started_us = requests.course.now_us();
                    let answer = match &mut agent {
                        Ok(agent) => requests.ask(probe, agent).await,
                        Err(error) => format!("{error}"),
                    };
                    seen.push(Seen { probe, started_us, ended_us: requests.course.now_us(), answer });
                    sleep(PACE).await;
                }
                seen
            });
        }
        probing
    }

    /// One request.
    pub(super) async fn once(&mut self, probe: Probe) -> anyhow::Result<String> {
        let mut agent = self.requests.agent()?;
        Ok(self.requests.ask(probe, &mut agent).await)
    }

    /// How many records of forwarded calls there are, by the numbers of the calls.
    pub(super) async fn records(&self) -> anyhow::Result<BTreeMap<u128, u64>> {
        self.installation.drained().await;
        let mut connection = wait_until("the database answers", async || {
            PgConnection::connect(self.installation.postgres.url()).await.ok()
        })
        .await;
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select trace_id, count(*) from decisions
             where outcome in ('allowed', 'shadow_denied', 'allowed_unmetered') and trace_id is not null
             group by trace_id",
        )
        .fetch_all(&mut connection)
        .await?;
        let number =
            |(trace, count): (String, i64)| Some((u128::from_str_radix(&trace, 16).ok()?, u64::try_from(count).ok()?));
        Ok(rows.into_iter().filter_map(number).collect())
    }
}

/// A policy, another text for each change of it.
fn document(number: u64) -> Value {
    json!({
        "version": "1", "default": "deny", "description": format!("The text of {number}."),
        "tools": {
            "free": {},
            "few": {"limits": [{"counter": "few", "window": "day", "max": FEW}]},
            "brisk": {"limits": [{"counter": "brisk", "window": "second", "max": 20}]},
        },
    })
}

impl Requests {
    fn agent(&self) -> anyhow::Result<Agent> {
        self.opened.at(self.proxy)
    }

    async fn ask(&self, probe: Probe, agent: &mut Agent) -> String {
        let number = u128::from(self.course.number());
        match probe {
            Probe::Free => label(&agent.call(number, "free", "{}").await),
            Probe::Few => label(&agent.call(FIRST_FEW + number, "few", "{}").await),
            Probe::Brisk => label(&agent.call(number, "brisk", "{}").await),
            Probe::List => status(agent.send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.to_owned()).await),
            Probe::NewAgent => self.new_agent().await,
            Probe::Change => self.change(u64::try_from(number).unwrap_or_default()).await,
            Probe::Read => self.person(Method::GET, "/servers", None, &[]).await,
            Probe::ProxyReady => self.ready(self.proxy).await,
            Probe::ApiReady => self.ready(self.api).await,
        }
    }

    async fn new_agent(&self) -> String {
        // When all have called, there is no news to be had from them.
        let Some(pass) = self.fresh.get(self.used.fetch_add(1, Ordering::Relaxed) % NEW) else { return String::new() };
        let Ok(mut agent) = Agent::new(self.proxy, &format!("/mcp/{}/shop", self.tenant.slug), &pass.token) else {
            return String::new();
        };
        status(agent.send(crate::agent::initialize()).await)
    }

    async fn change(&self, number: u64) -> String {
        let path = format!("/policies/{}", self.policy);
        let current = self.tenant.owner.get(&path).await;
        let Some(etag) = current.headers.get("etag").and_then(|etag| etag.to_str().ok()) else {
            return format!("HTTP {}", current.status.as_u16());
        };
        let body = json!({"document": document(number)}).to_string();
        self.person(Method::PUT, &path, Some(body), &[("If-Match", etag)]).await
    }

    async fn person(&self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> String {
        let answer = self.tenant.owner.send(method, path, body, headers).await;
        format!("HTTP {}", answer.status.as_u16())
    }

    async fn ready(&self, address: SocketAddr) -> String {
        match self.http.get(format!("http://{address}/readyz")).send().await {
            Ok(response) => format!("HTTP {}", response.status().as_u16()),
            Err(error) => format!("{error}"),
        }
    }
}

fn status(answer: Result<(u16, bytes::Bytes), Answer>) -> String {
    match answer {
        Ok((status, _)) => format!("HTTP {status}"),
        Err(answer) => label(&answer),
    }
}
