//! Scale: nothing on the path of a call, and nothing that people look at, costs more because there is much of everything.

mod crowd;
mod look;

use std::path::Path;
use std::time::{Duration, Instant};

use ostiary_testkit::Tenant;
use serde_json::json;
use tokio::task::JoinSet;

use crate::Figures;
use crate::agent::{Agent, Answer};
use crate::installation::{Installation, Pass, Shape, agent, pass};
use crate::load::Course;
use crate::process;
use crate::scale::look::Look;
use crate::upstream::Upstream;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of the account.
    pub grants: usize,
    /// Of the account.
    pub servers: usize,
    /// Of the account, spread over its servers.
    pub policies: usize,
    /// In the log, of the account.
    pub decisions: u64,
    /// Calls by which the cost of one is measured.
    pub calls: u64,
    /// Grants that call once each, for the memory of a gateway.
    pub sweep: usize,
    /// How often each list and search is looked at.
    pub looks: usize,
    /// What a gateway may keep in its caches, in MiB.
    pub cache_mib: u64,
    /// Whether figures are held to bounds; the machine of a test may be busy.
    pub in_time: bool,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self {
            grants: 100_000,
            servers: 10_000,
            policies: 50_000,
            decisions: 10_000_000,
            calls: 20_000,
            sweep: 100_000,
            looks: 100,
            cache_mib: 16,
            in_time: true,
        }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self {
            grants: 500,
            servers: 50,
            policies: 100,
            decisions: 5_000,
            calls: 300,
            sweep: 100,
            looks: 2,
            cache_mib: 1,
            in_time: false,
        }
    }
}

/// Side by side.
const CONNECTIONS: u64 = 64;

/// What a call may cost more in a full installation than in an empty one, with room for noise.
const DEARER: f64 = 1.25;

/// The longest that a list or a search may take, on a machine that does nothing else.
const LOOK: Duration = Duration::from_millis(500);

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let cache = size.cache_mib.to_string();
    let shape = Shape { apis: 1, proxies: 1 };
    let Some(installation) = Installation::start_with(program, shape, &[("OSTIARY_LIMITS_CACHE_MIB", &cache)]).await?
    else {
        return Ok(None);
    };
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &["look"], Duration::ZERO).await?;
    let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
    let server = tenant.server("shop", &upstream.url()).await;
    let limits = json!([{"counter": "looks", "window": "hour", "max": 4_000_000_000_u64}]);
    let document = json!({"version": "1", "default": "deny", "tools": {"look": {"limits": limits}}});
    let policy = tenant.policy(&server, "open", &document).await;
    let caller = pass(&tenant, "agent", &[(&server, &policy)]).await;

    let mut figures = Figures::of("scale");
    // Once to warm up, once to count.
    cost(&installation, &tenant, &caller, &course, size).await?;
    let before = cost(&installation, &tenant, &caller, &course, size).await?;
    let loading = Instant::now();
    let crowd = crowd::load(installation.postgres.url(), size).await?;
    figures.add("seconds to load", loading.elapsed().as_secs());
    cost(&installation, &tenant, &caller, &course, size).await?;
    let after = cost(&installation, &tenant, &caller, &course, size).await?;
    figures.add("CPU time per call, empty", format!("{before:.1} µs"));
    figures.add("CPU time per call, full", format!("{after:.1} µs, {:.2} of empty", after / before));
    figures.check(!size.in_time || after < before * DEARER, || format!("a call costs {:.2} as much", after / before));

    said("lists and searches");
    for look in look::all(&tenant, &server, &policy, &caller.id, size.looks).await? {
        let Look { what, query, median, slowest_of_100 } = look;
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
        figures.add(what, format!("p50 {} ms, p99 {} ms ({query})", ms(median), ms(slowest_of_100)));
        figures.check(!size.in_time || slowest_of_100 < LOOK, || format!("{what} took {slowest_of_100:?}"));
    }

    let memory = |figures: &mut Figures, when: String| -> anyhow::Result<u64> {
        let kib = process::resident_kib(installation.proxy_id(0))?;
        figures.add(format!("memory of a gateway, {when}"), format!("{} MiB", kib / 1024));
        Ok(kib)
    };
    memory(&mut figures, "before the sweep".to_owned())?;
    let half = crowd.tokens.len() / 2;
    let mut marks = Vec::new();
    said("every grant calls");
    for (part, tokens) in crowd.tokens.chunks(half.max(1)).enumerate() {
        sweep(&installation, &tenant, tokens).await?;
        marks.push(memory(&mut figures, format!("after {} grants called", (part + 1) * half))?);
    }
    if let (Some(first), Some(last)) = (marks.first(), marks.last()) {
        // What a cache of this size takes, it has taken by the first half.
        let grown = last.saturating_sub(*first) / 1024;
        figures.check(!size.in_time || grown <= size.cache_mib, || format!("memory grew by {grown} MiB more"));
    }
    Ok(Some(figures))
}

/// Says how far it is, to whoever waits for it.
fn said(what: &str) {
    eprintln!("scale: {what}");
}

/// CPU time of the gateway for one call, in microseconds.
async fn cost(
    installation: &Installation,
    tenant: &Tenant,
    pass: &Pass,
    course: &Course,
    size: Size,
) -> anyhow::Result<f64> {
    let proxy = installation.proxies().first().copied().unwrap_or(([127, 0, 0, 1], 0).into());
    let opened = agent(proxy, tenant, "shop", pass).await?;
    let id = installation.proxy_id(0);
    let began = process::cpu_time(id)?;
    let mut agents = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut agent, course) = (opened.at(proxy)?, course.clone());
        let calls = size.calls / CONNECTIONS;
        agents.spawn(async move {
            for _ in 0..calls {
                let answer = agent.call(u128::from(course.number()), "look", "{}").await;
                anyhow::ensure!(answer == Answer::Result, "{answer:?}");
            }
            Ok(())
        });
    }
    while let Some(agent) = agents.join_next().await {
        agent??;
    }
    let took = process::cpu_time(id)?.saturating_sub(began);
    Ok(took.as_secs_f64() * 1e6 / (size.calls / CONNECTIONS * CONNECTIONS) as f64)
}

/// Every one of the grants asks once who is there, which makes the gateway read it.
async fn sweep(installation: &Installation, tenant: &Tenant, tokens: &[String]) -> anyhow::Result<()> {
    let proxy = installation.proxies().first().copied().unwrap_or(([127, 0, 0, 1], 0).into());
    let path = format!("/mcp/{}/shop", tenant.slug);
    let mut agents = JoinSet::new();
    for chunk in tokens.chunks(tokens.len().div_ceil(16).max(1)) {
        let (chunk, path) = (chunk.to_vec(), path.clone());
        agents.spawn(async move {
            for token in chunk {
                let mut agent = Agent::new(proxy, &path, &token)?;
                let answer = agent.send(crate::agent::initialize()).await;
                anyhow::ensure!(matches!(answer, Ok((200, _))), "{answer:?}");
            }
            Ok(())
        });
    }
    while let Some(agent) = agents.join_next().await {
        agent??;
    }
    Ok(())
}
