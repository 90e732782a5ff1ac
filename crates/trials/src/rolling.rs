//! A replica is nothing: every process is restarted in turn under load, behind a relay that knows nothing but refused
//! connections, and nobody notices.

use std::path::Path;
use std::time::Duration;

use ostiary_testkit::Tenant;
use serde_json::json;
use tokio::task::JoinSet;

use crate::Figures;
use crate::agent::{Agent, Answer};
use crate::installation::{Installation, Service, Shape, agent, pass};
use crate::load::{Course, Made, by_answer, label};
use crate::relay::Relay;
use crate::upstream::Upstream;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of `ostiary proxy`.
    pub proxies: usize,
    /// Agents, each with a connection and a session that it keeps.
    pub agents: usize,
    /// How often every process is restarted.
    pub rounds: u32,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self { proxies: 4, agents: 32, rounds: 5 }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { proxies: 2, agents: 8, rounds: 1 }
    }
}

/// Between two requests of a person.
const PACE: Duration = Duration::from_millis(20);

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let shape = Shape { apis: 2, proxies: size.proxies };
    let Some(mut installation) = Installation::start(program, shape).await? else { return Ok(None) };
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &["look", "hold"], Duration::from_millis(300)).await?;
    let gateways = Relay::start(installation.proxies()).await?;
    let apis = Relay::start(installation.apis.iter().map(|place| place.address).collect()).await?;
    let tenant = Tenant::sign_up(&format!("http://{}", apis.address()), "acme").await;
    let server = tenant.server("shop", &upstream.url()).await;
    let limits = json!([{"counter": "looks", "window": "minute", "max": 4_000_000_000_u64}]);
    let document = json!({"version": "1", "default": "allow", "all_tools": {"limits": limits}});
    let policy = tenant.policy(&server, "open", &document).await;
    let pass = pass(&tenant, "agent", &[(&server, &policy)]).await;

    let mut agents = JoinSet::new();
    for _ in 0..size.agents {
        agents.spawn(traffic(agent(gateways.address(), &tenant, "shop", &pass).await?, course.clone()));
    }
    let person = tokio::spawn(person(tenant.clone(), policy.clone(), document, course.clone()));

    let mut slowest = Duration::ZERO;
    let mut figures = Figures::of("rolling");
    for _ in 0..size.rounds {
        for (service, count) in [(Service::Proxy, size.proxies), (Service::Api, 2)] {
            for index in 0..count {
                if let Some((ended_well, took)) = installation.restart(service, index).await {
                    figures.check(ended_well, || format!("{service:?} {index} did not end well"));
                    slowest = slowest.max(took);
                }
            }
        }
    }
    course.end();
    let mut made = Vec::new();
    while let Some(agent) = agents.join_next().await {
        made.extend(agent?);
    }
    let (asked, failed) = person.await?;
    figures.add("processes restarted", size.rounds as usize * (size.proxies + 2));
    figures.add("longest time to end", format!("{:.1} s", slowest.as_secs_f64()));
    figures.add("seconds", format!("{:.1}", course.began.elapsed().as_secs_f64()));
    figures.add("agents, each with one session throughout", size.agents);
    figures.add("calls made", made.len());
    for (kind, count) in by_answer(&made) {
        figures.add(kind, count);
    }
    figures.add("requests of a person", asked);
    for call in made.iter().filter(|call| call.answer != Answer::Result) {
        figures.broke(format!("call {} was answered: {}", call.number, label(&call.answer)));
    }
    figures.broken.extend(failed);
    Ok(Some(figures))
}

async fn traffic(mut agent: Agent, course: Course) -> Vec<Made> {
    let mut made = Vec::new();
    while !course.is_over() {
        let number = course.number();
        // Some take a while, so that every process ends in the middle of calls.
        let tool = if number.is_multiple_of(20) { "hold" } else { "look" };
        let started_us = course.now_us();
        let answer = agent.call(u128::from(number), tool, "{}").await;
        made.push(Made { number: u128::from(number), started_us, ended_us: course.now_us(), answer });
    }
    made
}

/// Reads and changes things in the dashboard; answers how often, and what went wrong.
async fn person(
    tenant: Tenant,
    policy: String,
    mut document: serde_json::Value,
    course: Course,
) -> (usize, Vec<String>) {
    let (mut asked, mut failed) = (0_usize, Vec::new());
    let path = format!("/policies/{policy}");
    while !course.is_over() {
        asked += 1;
        document["description"] = json!(format!("The text of {asked}."));
        let current = tenant.owner.get(&path).await;
        let etag = current.headers.get("etag").and_then(|etag| etag.to_str().ok()).unwrap_or_default();
        let body = json!({"document": document}).to_string();
        let changed = tenant.owner.send(reqwest::Method::PUT, &path, Some(body), &[("If-Match", etag)]).await;
        for (what, status) in [("a look", current.status), ("a change", changed.status)] {
            if !status.is_success() {
                failed.push(format!("{what} was answered HTTP {status}"));
            }
        }
        tokio::time::sleep(PACE).await;
    }
    (asked * 2, failed)
}
